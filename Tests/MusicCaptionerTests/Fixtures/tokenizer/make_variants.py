"""Makes variants.json: the fixture's tokenizer with other parts, through Hugging Face's `tokenizers`.

Made with tokenizers 0.23.3 (Python 3.11), after make_tokenizer_fixture.py: python make_variants.py [TEXTS]
TEXTS is the number of random texts for each variant (by default 25; more for a try, not to be checked in).
"""
import json
import pathlib
import random
import sys

from tokenizers import Tokenizer

HERE = pathlib.Path(__file__).parent
ORIGINAL = json.loads((HERE / "tokenizer.json").read_text())

TEXTS = [
    "", " ", "a slow piece", "  two  spaces  ", "<s>a <mask> b</s>", "caf\u00e9 cafe\u0301 CAF\u00c9",
    "\u212b \u00c5 A\u030a", "\ud55c\uad6d \u1112\u1161\u11ab\u1100\u116e\u11a8", "\u1e9b\u0323 \u017f \ufb01 \u2460 \u00bd \u2122",
    "q\u0307\u0323 q\u0323\u0307", "\u0344 \u0958 \u2adc \ufb1d", "\U0001f3b5\U0001f44d\U0001f3fd \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u0130stanbul \u03a3\u03a3 \u1e9e \u01c5", "\u3000x\u00a0\u2009y\u200b", "\uff21\uff22\uff23 \u32ff \u3300 \ufdfa",
    "a\u07fd\u0323\u0301 b\u1df6\u0315\u0323", "\u0301 starts with a mark", "\u11ab\u1161", "\u2581a\u2581b", "tab\tline\nend\r\n",
    "\uac00\u11a8 \u1100\u1161\u11a8", "\U0001d15e \U000110ab \U00011938", "Caf\u00e9<MASK>caf\u00e9 x",
]
POOL = (
    "abcXYZ  '.,09" + "\u00e9\u00c9\u00fc\u0130\u03a3\u1e9b" + "\u0301\u0323\u0307\u0315\u030a\u0345\u3099" * 2
    + "\ud55c\uae00\u1112\u1161\u11ab\u1100" + "\ufb01\u2460\uff21\u00bd\u212b" + "\U0001f3b5\U0001f44d\U0001f3fd\u200d\ufe0f" + "\u00a0\u3000\n"
)

BYTES = ORIGINAL["pre_tokenizer"]
PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
SPLIT = {"type": "Split", "pattern": {"Regex": PATTERN}, "behavior": "Isolated", "invert": False}
TEMPLATE = {
    "type": "TemplateProcessing",
    "single": [
        {"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
        {"SpecialToken": {"id": "</s>", "type_id": 0}},
    ],
    "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
    "special_tokens": {
        "<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}, "</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]},
    },
}


def sequence(kind, *parts):
    return {"type": "Sequence", kind: list(parts)}


def normalizers(*parts):
    return {"normalizer": sequence("normalizers", *parts)}


def added(content, normalized):
    tokens = list(ORIGINAL["added_tokens"])
    tokens.append({
        "id": max(token["id"] for token in tokens) + 1, "content": content, "single_word": False, "lstrip": False,
        "rstrip": False, "normalized": normalized, "special": False,
    })
    return {"added_tokens": tokens}


VARIANTS = [
    {"normalizer": {"type": name}} for name in ["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents"]
] + [
    normalizers(),
    normalizers({"type": "NFC"}),
    normalizers({"type": "NFD"}, {"type": "StripAccents"}, sequence("normalizers", {"type": "Lowercase"})),
    {"normalizer": {"type": "Strip", "strip_left": True, "strip_right": True}},
    {"normalizer": {"type": "Strip", "strip_left": False, "strip_right": True}},
    {"normalizer": {"type": "Replace", "pattern": {"String": "  "}, "content": " "}},
    normalizers({"type": "Prepend", "prepend": "\u2581"}, {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " x"}),
    {"normalizer": {
        "type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None,
        "lowercase": True}},
    {**added("Caf\u00e9", True), **normalizers({"type": "NFD"}, {"type": "Lowercase"})},
    {**added("Caf\u00e9", False), **normalizers({"type": "NFD"}, {"type": "Lowercase"})},
    {"normalizer": {"type": "NFC"}, "pre_tokenizer": {**BYTES, "add_prefix_space": True}},
    {"pre_tokenizer": sequence("pretokenizers", BYTES)},
    {"pre_tokenizer": sequence("pretokenizers", SPLIT, {**BYTES, "use_regex": False})},
    {"post_processor": TEMPLATE},
    {"post_processor": {"type": "BertProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0]}},
    {"post_processor": sequence("processors", {**BYTES, "trim_offsets": False}, TEMPLATE)},
    {"decoder": sequence("decoders", ORIGINAL["decoder"])},
]


def main(count):
    draw = random.Random(3)
    variants = []
    for fields in VARIANTS:
        tokenizer = Tokenizer.from_str(json.dumps({**ORIGINAL, **fields}))
        texts = TEXTS + ["".join(draw.choice(POOL) for _ in range(draw.randint(1, 14))) for _ in range(count)]
        variants.append({"fields": fields, "encode": [[text, tokenizer.encode(text).ids] for text in texts]})
    text = json.dumps({"variants": variants}, ensure_ascii=True, separators=(",", ":"))
    (HERE / "variants.json").write_text(text + "\n")


main(int(sys.argv[1]) if len(sys.argv) > 1 else 25)
