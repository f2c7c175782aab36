# SPDX-License-Identifier: GPL-3.0-or-later
"""Made-up sentences, read and talked, that bring every phone of English in many neighbourhoods, lips above all."""

from __future__ import annotations

import re

import numpy as np

NOUNS = (
    "mother father baby puppy pumpkin button bubble pepper farmer beaver river valley village measure treasure "
    "vision judge church teacher picture mountain moon spoon boat road oil toy voice boy cow house mouth thumb "
    "path bath feather weather yellow onion uniform music beach sheep ship shop fish fox wolf woman window "
    "water world work bird girl nurse earth map lamp camp stamp film farm storm dream plum palm tomb climb "
    "lamb cab club web tub rope soap cup map lip shape wave cave glove stove leaf roof knife laugh cough graph "
    "coffee traffic office movie movement moment member family people purple paper apple table problem number "
    "bottle garden kitchen chicken kettle ladder letter lesson reason season king ring song thing finger anger "
    "hunger jungle eagle ocean station nation fashion cushion garage beige television jacket jungle magic "
    "engine bridge badge yard year youth onion value queen quick square acid axe ox egg ink arm eye hour "
    "chair cheese shoe shirt choice machine change match chance chef sugar edge job fashion special"
).split()
NAMES = (
    "Bob Pam Tom Mabel Phoebe Victor Mavis Ruth Joyce Roy Thea Zoe Chuck George Yolanda Hugh Wendy Maeve "
    "Philip Bethany Amber Emma Oscar Ivy Una Otto Ava Eve Abe Opie"
).split()
ADJECTIVES = (
    "big small purple blue brown broad famous fluffy vivid brave bumpy happy heavy warm cold thick thin smooth "
    "rough loud quiet strange cheap rich fresh sharp yellow orange new few huge cute weird far near pure sure "
    "loyal royal noisy foul proud wide white bright dim calm plump deep ripe able visible massive tough safe "
    "half-baked beautiful favourite"
).split()
VERBS = (
    "bought made found saw moved pushed pulled kept brought believed visited pampered measured judged watched "
    "chewed thought taught threw grew knew followed borrowed swallowed joined enjoyed avoided annoyed shouted "
    "allowed opened closed covered loved forgave improved proved observed wrapped grabbed rubbed climbed "
    "combed mapped stopped shipped"
).split()
ADVERBS = (
    "maybe perhaps probably quickly slowly above below before after upstairs outside nearby forever finally "
    "simply usually together alone again today tomorrow now then there here somehow nowhere"
).split()
PREPOSITIONS = (
    "by from for above below behind before beyond under over with without near across through between".split()
)
EXCLAMATIONS = (
    "oh no, wow, well, my my, bye bye, whoop, boo, mama, papa, hey you, no way, yeah, hmm maybe, why, now, okay, please"
).split(", ")
ONSETS = (
    "b p m f v w b p m f v th sh ch j y r l n d t k g s z h bl br pl pr fl fr sp sm sw tw dr tr cl cr gl gr sl "
    "sn st sk str"
).split()
NUCLEI = "a e i o u ee oo ai oa ow oy aw ar or er ay igh ea ou".split()
CODAS = "b p m f v b p m n t d k g s z sh ch th ng l r nd mp lp ft st x nk".split() + [""] * 8
TEMPLATES = (
    "the {adjective} {noun} {verb} {preposition} my {noun}",
    "{name} {verb} five {adjective} {noun}s {adverb}",
    "{adverb}, {name} and {name} {verb} a {adjective} {noun}",
    "{exclaim}, we {verb} the {noun} of {name}",
    "who {verb} the {adjective}, {adjective} {noun}",
    "I have a {noun}, a {noun}, and a {adjective} {noun}",
    "you {verb} my {noun} {preposition} the {noun}, {exclaim}",
    "what {adjective} {noun}s they {verb} {preposition} {name}",
    "but {name} was {adjective}, so the {noun} {verb} {adverb}",
    "may I move this {noun} {preposition} your {adjective} {noun}",
    "{nonsense} {nonsense} {noun} {nonsense} {verb} {nonsense}",
    "{nonsense} my {nonsense}, {nonsense} {adjective} {nonsense}",
    "number {number}, {number}, {number}, and {number}",
)
TALK = (
    "{filler}, I don't know if we could {do} the {noun}",
    "it's, it's {kind} {adjective}, you know, but it'll {do} {preposition} the {noun}",
    "we're gonna {do} {some} {noun}s, and um, that's about it",
    "I was, I was trying to {do} my {noun} {adverb}",
    "they've probably got {some} {adjective} {noun}s, {filler}, {preposition} the {noun}",
    "what I would do is {do} the, the {adjective} one",
    "but {filler} you can't {do} it without a {noun}",
    "if you wouldn't mind, could you {do} {name}'s {noun}",
    "there's {some} {noun}s, {filler}, that we haven't {verb}",
    "so {filler}, who's gonna {do} it, me or {name}",
    "and that'll be, what, {number} or {number} {noun}s",
    "she'd have {verb} it, {filler}, because it was {kind} {adjective}",
    "I've never {verb} a {noun} before, have you",
    "we should, we should maybe {do} this {adverb}, {exclaim}",
    "{filler} the whole point of it was to {do} {some} {noun}s",
    "yeah, no, I mean you'd have to {do} {name} first, wouldn't you",
    "for a while we {verb} it {preposition} {name}'s, {filler}, {noun}",
    "which is why {name} {verb} it, and you know, it was {adjective}",
)
"""Talk as it comes: contractions, fillers, repeated words, pauses within the sentence."""
TALK_SHARE = 0.45
FILLERS = (
    "um, uh, you know, I mean, well, so, like, right, okay so, and um, but uh, I guess, I suppose, of course, "
    "what was it, how do you say, let me see, as far as I know, or whatever, basically"
).split(", ")
KINDS = "kind of, sort of, pretty, really, very, a bit, not that, much more, way too, always".split(", ")
SOME = "a lot of, a couple of, most of the, some of the, all of these, every one of the, part of the, five of my".split(
    ", "
)
DO = (
    "make, move, push, pull, keep, bring, buy, watch, choose, throw, grow, follow, borrow, join, enjoy, avoid, open, "
    "close, cover, love, improve, prove, wrap, grab, rub, climb, map, stop, ship, put up, give up, take off, use, "
    "show, wash, look at, think about, talk about, figure out, wait for, work with, come up with, listen to, hope "
    "for, pay for, bump into, move over, beat, fix, finish, wish for, want, remember, forget, believe, have, leave, "
    "save, provide, number, complain about, focus on, share, change, chase, shut, shake, check, reach, catch, shoot, "
    "teach"
).split(", ")
NUMBERS = "one two three four five six seven eight nine ten eleven twelve fifteen twenty million".split()


def nonsense_word(rng: np.random.Generator) -> str:
    """One to three syllables in English spelling: unlimited neighbourhoods of phones."""
    return "".join(
        f"{rng.choice(ONSETS)}{rng.choice(NUCLEI)}{rng.choice(CODAS)}" for _ in range(int(rng.integers(1, 4)))
    )


BANKS = {
    "adjective": ADJECTIVES,
    "noun": NOUNS,
    "name": NAMES,
    "verb": VERBS,
    "adverb": ADVERBS,
    "preposition": PREPOSITIONS,
    "exclaim": EXCLAMATIONS,
    "number": NUMBERS,
    "filler": FILLERS,
    "kind": KINDS,
    "some": SOME,
    "do": DO,
}


def sentence(rng: np.random.Generator) -> str:
    """A made-up sentence without its closing mark."""
    template = str(rng.choice(TALK if rng.random() < TALK_SHARE else TEMPLATES))

    def fill(mark: re.Match[str]) -> str:
        return nonsense_word(rng) if mark[1] == "nonsense" else str(rng.choice(BANKS[mark[1]]))

    return re.sub(r"{(\w+)}", fill, template)
