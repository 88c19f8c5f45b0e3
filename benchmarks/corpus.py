"""A made-up content folder of any size, the same for the same seed.

Names are put together from syllables and mean nobody. Like in the news, a few actors and claims are in very many
articles and most are in few (Zipf). An article has about 460 words, 6 to 12 actors, 1 to 4 events and 2 to 6 claims;
every quote stands in its text, so that `sitrep check` has nothing to say. With `hubs` there is more of what does not
grow evenly: an actor in four of five articles, a claim that one in five makes, and one article with 600 annotations.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


HEADS = _words("Bal Cor Dem Fus Gri Hyl Jask Kov Lun Mer Nyx Orl Pet Ruv Sip Tolm Ulb Wax Yed Zan")
"""Any two differ in more than a letter, and so do any two names: `check` takes others for one name in two spellings."""
TAILS = _words("ado ekk elin aris oth und ima ovar esh ilo atan urne ubst amir enka ulat orin")
BODIES = _words("Council Institute Union Harbour Agency Assembly Bureau Foundation Company Brigade Ministry Station")
OUTLETS = _words("Herald Courier Post Wire Gazette Observer Radio Dispatch Monitor Bulletin")
PLACES = _words("bridge reservoir ferry granary signal mast quarry railway tower orchard tunnel lighthouse")
GOODS = _words("barrels lorries permits turbines wagons tents radios pallets seedlings boats generators maps")
DEEDS = _words("opened repaired inspected delivered counted withdrew replaced promised signed closed tested ordered")
FILLER = _words(
    """
    the the the a of of in in and and to for with by its after before during at from report season office meeting
    river winter market officials residents road valley early late public local northern southern quiet long
    former new small other described expected showed followed remained began took gave made left held moved week
    month figures plans papers notes supplies weather harvest traffic crews work
    """
)
STANCES = ("asserts",) * 7 + ("denies", "doubts", "withholds", "silent")
WORDS = 460
MANY = (150, 150, 300)
"""Actors, events and claims of the one article of a site with hubs that has so many."""
FIRST_DAY, DAYS = date(2021, 1, 1), 1400


class Counts(NamedTuple):
    """How many things of each kind were written."""

    articles: int
    actors: int
    events: int
    sources: int
    claims: int


class Named(NamedTuple):
    id: str
    name: str


class Draw(Generic[T]):
    """Draws from a sequence in which the nth item weighs about 1/n."""

    def __init__(self, items: Sequence[T], steepness: float) -> None:
        self.items = items
        self._weights = list(accumulate((rank + 2.5) ** -steepness for rank in range(len(items))))

    def some(self, rng: random.Random, count: int) -> list[T]:
        """Different items, at most as many as there are."""
        found: dict[int, None] = {}
        while len(found) < min(count, len(self.items)):
            found[rng.choices(range(len(self.items)), cum_weights=self._weights)[0]] = None
        return [self.items[n] for n in found]


class World(NamedTuple):
    """What the articles are about."""

    actors: Draw[Named]
    events: Draw[Named]
    sources: Draw[Named]
    claims: Draw[Named]


PLAIN = "title: A made-up watch\nurl: https://watch.example/\nfeeds: false\nsearch: false\n"
"""Pages alone."""
EVERYTHING = "title: A made-up watch\nurl: https://watch.example/\njson: true\nbriefs: {every: week}\nsearch: false\n"
"""With feeds, JSON and assembled briefs."""


def write(root: Path, articles: int, seed: int = 1, config: str = PLAIN, *, hubs: bool = False) -> Counts:
    """Write `config.yaml` and `content/` of a project with this many articles into a folder."""
    rng = random.Random(seed)
    actors = _named(rng, max(40, articles // 4), _actor)
    events = _named(rng, max(20, articles * 3 // 10), lambda rng: f"The {rng.choice(PLACES)} of {_word(rng)}")
    sources = _named(rng, max(10, articles // 50), lambda rng: f"{_word(rng)} {rng.choice(OUTLETS)}")
    claims = _named(rng, max(20, articles // 5), lambda rng: f"{_word(rng)} {_clause(rng)[0]}.")
    world = World(Draw(actors, 0.9), Draw(events, 0.7), Draw(sources, 1.0), Draw(claims, 0.7))
    ids = [f"{_day(n, articles)}-{_slug(_word(rng))}-{n}" for n in range(articles)]
    _save(root / "config.yaml", config)
    for file, text in _things(rng, world):
        _save(root / "content" / file, text)
    earlier: list[tuple[str, Named]] = []
    for n, id in enumerate(ids):
        article = _Article(rng, world, _day(n, articles), earlier[-200:], n if hubs else None)
        text, sidecar = article.written()
        earlier.append((id, article.source))
        _save(root / "content" / "articles" / f"{id}.md", text)
        _save(root / "content" / "articles" / f"{id}.yaml", sidecar)
    return Counts(articles, len(actors), len(events), len(sources), len(claims))


def _save(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _day(n: int, articles: int) -> date:
    return FIRST_DAY + timedelta(days=n * DAYS // articles)


# -- names ------------------------------------------------------------------------------------------------------------


def _word(rng: random.Random) -> str:
    return rng.choice(HEADS) + rng.choice(TAILS)


def _actor(rng: random.Random) -> str:
    return f"{_word(rng)} {_word(rng) if rng.random() < 0.6 else rng.choice(BODIES)}"


def _slug(words: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in words.lower()).split())


def _named(rng: random.Random, count: int, make: Callable[[random.Random], str]) -> list[Named]:
    names: dict[str, None] = {}
    while len(names) < count:
        names[make(rng)] = None
    return [Named(f"{_slug(name)[:60]}-{n}", name) for n, name in enumerate(names)]


# -- files of things --------------------------------------------------------------------------------------------------


def _things(rng: random.Random, world: World) -> Iterator[tuple[str, str]]:
    marking = "marking: TLP:CLEAR\n"
    actors, events, sources, claims = (draw.items for draw in world)
    for n, made in enumerate(actors):
        text = f"name: {made.name}\nkind: {'organization' if made.name.split()[1] in BODIES else 'person'}\n"
        if n > 12 and rng.random() < 0.4:
            text += f"part_of: [{actors[rng.randrange(12)].id}]\n"
        yield f"actors/{made.id}.yaml", text + f"description: {_sentence(rng)}\n{marking}"
    for made in events:
        roles = ", ".join(actor.id for actor in world.actors.some(rng, rng.randint(1, 3)))
        place = f"place: {{name: {_word(rng)}, lat: {rng.uniform(-60, 60):.2f}, lon: {rng.uniform(-170, 170):.2f}}}\n"
        text = f"name: {made.name}\ndate: {_day(rng.randrange(1000), 1000)}\n{place}class: CONSULT\nmode: visit\n"
        yield f"events/{made.id}.yaml", f"{text}phase: occurred\nroles: {{actor: [{roles}]}}\n{marking}"
    for n, made in enumerate(sources):
        tie = f"controlled_by: [{actors[rng.randrange(12)].id}]\n" if n % 5 == 4 else ""
        yield (
            f"sources/{made.id}.yaml",
            f"name: {made.name}\nkind: outlet\nreliability: {rng.choice('ABCDF')}\n{tie}{marking}",
        )
    for n, made in enumerate(claims):
        about = world.actors.some(rng, 2)
        text = f"statement: {made.name}\nabout: {{actors: [{about[0].id}, {about[-1].id}]}}\n"
        text += "measure: goods moved, total\n" if n % 3 == 0 else ""
        text += f"assessments:\n  - date: {_day(rng.randrange(1000), 1000)}\n    likelihood: likely\n"
        text += f"    confidence: moderate\n    because: {_sentence(rng)}\n"
        yield f"claims/{made.id}.yaml", text + marking


# -- articles ---------------------------------------------------------------------------------------------------------


def _sentence(rng: random.Random, *, marked: bool = False) -> str:
    words = rng.choices(FILLER, k=rng.randint(9, 22))
    if marked:
        words[4] = f"*{words[4]}*"
    return " ".join(words).capitalize() + "."


def _clause(rng: random.Random) -> tuple[str, int]:
    """A statement with a number, so that hardly two are alike, and the number."""
    number = rng.randint(3, 9999)
    where = f"{rng.choice(PLACES)} near {_word(rng)}"
    return f"{rng.choice(DEEDS)} {number} {rng.choice(GOODS)} for the {where}", number


class _Article:
    """One article: its sentences as they are drawn, and beside them the lines of its sidecar."""

    def __init__(
        self, rng: random.Random, world: World, day: date, earlier: Sequence[tuple[str, Named]], hub: int | None = None
    ) -> None:
        """`hub`: which article it is, of a site with hubs."""
        self.rng, self.world, self.day, self.earlier = rng, world, day, earlier
        actors, events, claims = rng.randint(6, 12), rng.randint(1, 4), rng.randint(2, 6)
        if hub == 0:
            actors, events, claims = MANY
        self.actors = world.actors.some(rng, actors)
        made = world.claims.some(rng, claims)
        if hub is not None and hub % 5 < 4:
            self.actors = list(dict.fromkeys((world.actors.items[0], *self.actors)))
        if hub is not None and hub % 5 == 4:
            made = list(dict.fromkeys((world.claims.items[0], *made)))
        self.source = world.sources.some(rng, 1)[0]
        self.sentences = [self._names(actor) for actor in self.actors]
        self.events = [self._event(event) for event in world.events.some(rng, events)]
        self.claims = [self._claim(claim) for claim in made]

    def written(self) -> tuple[str, str]:
        """The text and the sidecar."""
        rng = self.rng
        wanted = max(220, min(900, round(rng.gauss(WORDS, 110))))
        rng.shuffle(self.sentences)
        words = sum(len(sentence.split()) for sentence in self.sentences)
        while words < wanted:
            sentence = _sentence(rng, marked=rng.random() < 0.1)
            self.sentences.insert(rng.randrange(len(self.sentences) + 1), sentence)
            words += len(sentence.split())
        return self._text(), self._sidecar()

    def _text(self) -> str:
        rng, left = self.rng, list(self.sentences)
        paragraphs = []
        while left:
            size = rng.randint(2, 5)
            paragraphs.append(" ".join(left[:size]))
            left = left[size:]
        if rng.random() < 0.2:
            at = rng.randrange(1, len(paragraphs))
            paragraphs.insert(at, f"## {_sentence(rng)[:40].rpartition(' ')[0]}")
        if rng.random() < 0.2:
            paragraphs.append("\n".join(f"- {_sentence(rng)}" for _ in range(3)))
        return "\n\n".join(paragraphs) + "\n"

    def _sidecar(self) -> str:
        via = f"via: [{self.world.sources.some(self.rng, 1)[0].id}]\n" if self.rng.random() < 0.2 else ""
        rights = "full" if self.rng.random() < 0.8 else "excerpt"
        title = _sentence(self.rng)[:60].rpartition(" ")[0]
        head = f"title: {title}\nsource: {self.source.id}\n{via}published: {self.day}\nlanguage: en\n"
        head += f"marking: TLP:CLEAR\nrights: {rights}\nstatus: reviewed\nsummary: {_sentence(self.rng)}\n"
        actors = "".join(f"  - {actor.id}\n" for actor in self.actors)
        return f"{head}actors:\n{actors}events:\n{''.join(self.events)}claims:\n{''.join(self.claims)}"

    def _names(self, actor: Named) -> str:
        filler = _sentence(self.rng)
        verb = self.rng.choice(("said that", "was told of", "had asked about"))
        return f"{actor.name} {verb} {filler[0].lower()}{filler[1:]}"

    def _event(self, event: Named) -> str:
        deed, _ = _clause(self.rng)
        actor = self.rng.choice(self.actors)
        self.sentences.append(f"On that day {actor.name} {deed}, as had been {self.rng.choice(('planned', 'feared'))}.")
        happened = self.day - timedelta(days=self.rng.randint(0, 9))
        by = f"    by: [{actor.id}]\n" if self.rng.random() < 0.5 else ""
        quote = json.dumps(deed, ensure_ascii=False)
        return (
            f"  - id: {event.id}\n    date: {happened}~\n    roles: {{actor: [{actor.id}]}}\n{by}    quote: {quote}\n"
        )

    def _claim(self, claim: Named) -> str:
        rng = self.rng
        (deed, number), actor = _clause(rng), rng.choice(self.actors)
        stance = rng.choice(STANCES)
        chain, said = self._chain(actor)
        self.sentences.append(f"{said} they {deed}, {' '.join(rng.choices(FILLER, k=5))}.")
        line = f"  - id: {claim.id}\n" + (f"    stance: {stance}\n" if stance != "asserts" else "") + chain
        line += f'    value: "{rng.choice(("<", "~"))}{number}"\n' if rng.random() < 0.3 else ""
        line += f"    said: {self.day - timedelta(days=1)}\n" if rng.random() < 0.2 else ""
        if rng.random() < 0.1:
            head, _, tail = deed.rpartition(" near ")
            return f"{line}    quote: {{exact: {json.dumps(head)}, suffix: {json.dumps('near ' + tail)}}}\n"
        return f"{line}    quote: {json.dumps(deed)}\n"

    def _chain(self, actor: Named) -> tuple[str, str]:
        """Who says so and through whom, as lines of the sidecar, and as the text has it."""
        rng, draw = self.rng, self.rng.random()
        by, said = f"    by: [{actor.id}]\n", f"{actor.name} said"
        if draw < 0.15:
            return "", "It is reported that"
        if draw < 0.25:
            words = "An official who asked not to be named"
            return f"    by: [{{unnamed: {words}}}]\n", f"{words} said"
        if draw < 0.32 and self.earlier:
            held, source = rng.choice(self.earlier)
            return f"{by}    via: [article:{held}]\n", f"{said}, as {source.name} had it,"
        if draw < 0.5:
            source = self.world.sources.some(rng, 1)[0]
            return f"{by}    via: [{source.id}]\n", f"{said}, according to {source.name},"
        return by, said
