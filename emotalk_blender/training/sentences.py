# SPDX-License-Identifier: GPL-3.0-or-later
"""Made-up sentences that bring every phone of English in many neighbourhoods, lips above all."""

from __future__ import annotations

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
    "engine bridge badge yard year youth onion value queen quick square acid axe ox egg ink arm eye hour"
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
NUMBERS = "one two three four five six seven eight nine ten eleven twelve fifteen twenty million".split()


def nonsense_word(rng: np.random.Generator) -> str:
    """One to three syllables in English spelling: unlimited neighbourhoods of phones."""
    return "".join(
        f"{rng.choice(ONSETS)}{rng.choice(NUCLEI)}{rng.choice(CODAS)}" for _ in range(int(rng.integers(1, 4)))
    )


def sentence(rng: np.random.Generator) -> str:
    """A made-up sentence without its closing mark."""
    template = str(rng.choice(TEMPLATES))
    banks = {
        "{adjective}": ADJECTIVES,
        "{noun}": NOUNS,
        "{name}": NAMES,
        "{verb}": VERBS,
        "{adverb}": ADVERBS,
        "{preposition}": PREPOSITIONS,
        "{exclaim}": EXCLAMATIONS,
        "{number}": NUMBERS,
    }
    for mark, bank in banks.items():
        while mark in template:
            template = template.replace(mark, str(rng.choice(bank)), 1)
    while "{nonsense}" in template:
        template = template.replace("{nonsense}", nonsense_word(rng), 1)
    return template
