"""Makes this folder: a very small random BERT with a WordPiece tokenizer, and what Hugging Face's
`tokenizers` and `transformers` and bert_score make of our own sentences with it.

Run as `python make.py` with torch, transformers, tokenizers and safetensors. Made with torch 2.15.0,
transformers 5.24.0 and tokenizers 0.23.3. Where bert_score is installed (0.3.13 was), its scores are
compared with the goldens, which repeat its arithmetic in double precision.
"""

import json
import math
import pathlib
import random

import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel

FOLDER = pathlib.Path(__file__).parent
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
POSITIONS, LONGEST_WORD = 24, 16

STARTS = list("abcdefghijklmnopqrstuvwxyz0123456789.,!?;:-'()/&%#@_~$+") + [
    "A", "D", "é", "ü", "ß", "σ", "ς", "音", "楽", "µ", "—", "…", "“", "¿", "i̇", "ᄒ", "🎵",
    "slow", "piano", "guitar", "drum", "music", "mus", "melody", "cafe", "café", "the", "with", "ing", "on"]
ENDS = list("abcdefghijklmnopqrstuvwxyz0123456789") + [
    "é", "ü", "σ", "ς", "\u0301", "ᅡ", "ᆫ", "ic", "ing", "er", "ly", "ical", "ody", "楽", "T", "ly."]

TEXTS = [
    "", " ", "a", "A slow piano melody", "Slow  guitars,with drums!", "don't (you) e-guitar: 4/4 120%", "music musical musicals",
    "mus mu mics", "Café CAFÉ cafe\u0301 naïve über Straße", "ΣΊΣΥΦΟΣ σίσυφος", "İstanbul ıI", "音楽 音x楽 曲", "한 한 ก ไทย",
    "x" * LONGEST_WORD, "x" * (LONGEST_WORD + 1), "é" * LONGEST_WORD, "zzz~~qqq", "\U00020000a\U0002b820b\uf900",
    "a\tb\nc\rd\u00a0e\u2009f\u3000g\u0085h\u200bi\u00adj\u0000k\ufffdl\x1cm\x0bn", "\ue000 \U0010ffff \u0378",
    "“quoted” — dash… ¿que? $5 +~^`|<=>", "🎵🎵 👍🏽", "[CLS] a [SEP] b [MASK]", "[cls] [Mask][UNK]x", "<tag> a<TAG>b <Tag>", "\u061d\u166d\u2e4fa",
    "a\u0327\u0301b \u1734 \u08d4x \U0001145e", "a\u1885\ua9bd\U0001171eb", "\U000111c9a \U00011938b \u1c89", "\u0301\u0301", "ly. slowly.", "the music " * 20,
]

PAIRS = [
    ("A slow piano melody with drums", "The slow guitar melody, with a drum"), ("Café music!", "cafe music"),
    ("piano", "guitars and drums"), ("", "music"), ("music", " \n"), ("\u200b", "music"), ("a [SEP] b", "a b"),
    ("[CLS]", "music"), ("the music " * 20, "slow music " * 20), ("音楽", "音 楽 and zzz~~"), ("same words here", "same words here"),
]

NORMALIZERS = [
    {}, {"lowercase": False}, {"lowercase": False, "strip_accents": True, "handle_chinese_chars": False},
    {"strip_accents": False, "clean_text": False},
]


def random_texts(count, seed=11):
    draw = random.Random(seed)
    pools = ["abcdefgh the slow ing", " \t\n\u00a0\u3000\u0085", "éàüñçßøÅİΣ\u0301\u0308\u0327", "0123½²Ⅷ",
             ".,!?;:-_()<>/&%$#@…—“”", "音楽曲μουσκ한국어", "🎵👍🏽\u200d\ufe0f\u00ad"]
    pieces = ["[MASK]", "[SEP]", "music", "Piano", "<TAG>", "drums", " "]
    for _ in range(count):
        yield "".join(
            draw.choice(pieces) if draw.random() < 0.15 else draw.choice(draw.choice(pools))
            for _ in range(draw.randint(1, 24)))


def tokenizer(options):
    tokens = SPECIAL + STARTS + ["##" + end for end in ENDS]
    vocabulary = {token: id for id, token in enumerate(tokens)}
    assert len(vocabulary) == len(tokens)
    made = Tokenizer(models.WordPiece(
        vocabulary, unk_token="[UNK]", continuing_subword_prefix="##", max_input_chars_per_word=LONGEST_WORD))
    made.normalizer = normalizers.BertNormalizer(**{
        "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True, **options})
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")])
    made.add_special_tokens(SPECIAL)
    # Looked for in the normalised text: "<TAG>" too where that is lower-cased.
    made.add_tokens([AddedToken("<Tag>", normalized=True)])
    return made


def model(vocabulary_size):
    torch.manual_seed(5)
    config = BertConfig(
        vocab_size=vocabulary_size, hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=POSITIONS, type_vocab_size=2, hidden_act="gelu",
        layer_norm_eps=1e-12, pad_token_id=0)
    made = BertModel(config, add_pooling_layer=False).eval()
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            # As kept: a norm's scale is about 1, and everything else is worth telling apart.
            parameter.copy_(torch.randn(parameter.shape) * 0.3 + (1 if name.endswith("LayerNorm.weight") else 0))
    return made


def score(hidden, prediction, reference):
    """bert_score.utils.greedy_cos_idf without idf: weights 0 for [CLS] and [SEP], else 1."""
    if len(prediction) == 2 or len(reference) == 2:
        return [0.0, 0.0, 0.0]
    a, b = (torch.nn.functional.normalize(hidden(ids), dim=-1) for ids in (prediction, reference))
    similarity = a @ b.T
    values = []
    for ids, best in ((prediction, similarity.max(1).values), (reference, similarity.max(0).values)):
        counted = [value for id, value in zip(ids, best.tolist()) if id not in (2, 3)]
        values.append(sum(counted) / len(counted) if counted else 0.0)
    total = sum(values)
    return values + [2 * values[0] * values[1] / total if total and min(values) != 0 else 0.0]


def check_with_bert_score(folder, scores, layer):
    try:
        import bert_score
    except ImportError:
        print("bert_score is not installed: not compared")
        return
    # Of the others it makes no number, or nothing with transformers 5.
    shared = [index for index, (a, b) in enumerate(PAIRS) if a != "[CLS]" and a.strip() and b.strip()]
    pairs = [PAIRS[index] for index in shared]
    found = bert_score.score(
        [a for a, _ in pairs], [b for _, b in pairs], model_type=str(folder), num_layers=layer,
        use_fast_tokenizer=True, batch_size=3)
    worst = max(
        abs(float(x) - y) for row, index in zip(zip(*found), shared) for x, y in zip(row, scores[index]))
    print(f"bert_score {bert_score.__version__}, layer {layer}, {len(shared)} pairs: within {worst:.1e}")


def main():
    texts = TEXTS + list(random_texts(60))
    variants = []
    for options in NORMALIZERS:
        made = tokenizer(options)
        definition = json.loads(made.to_str())
        if not options:
            (FOLDER / "tokenizer.json").write_text(json.dumps(definition, ensure_ascii=True, separators=(",", ":")) + "\n")
            size = made.get_vocab_size()
        variants.append({
            "normalizer": json.dumps(definition["normalizer"], separators=(",", ":")),
            "ids": [made.encode(text).ids for text in texts]})

    encoder = model(size)
    config = {key: value for key, value in encoder.config.to_dict().items() if key in (
        "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
        "max_position_embeddings", "type_vocab_size", "hidden_act", "layer_norm_eps", "pad_token_id", "model_type")}
    (FOLDER / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    (FOLDER / "tokenizer_config.json").write_text(json.dumps(
        {"model_max_length": POSITIONS, "tokenizer_class": "BertTokenizer", "do_lower_case": True,
         "cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]",
         "mask_token": "[MASK]"}, indent=1) + "\n")
    save_file({name: value.contiguous() for name, value in encoder.state_dict().items()
               if value.is_floating_point()}, FOLDER / "model.safetensors", {"format": "pt"})

    double = encoder.double()
    made = tokenizer({})
    made.enable_truncation(POSITIONS)

    @torch.no_grad()
    def hidden(ids, layer):
        return double(torch.tensor([ids]), output_hidden_states=True).hidden_states[layer][0]

    def ids(text):
        return made.encode(text.strip()).ids

    scores = {layer: [score(lambda x: hidden(x, layer), ids(a), ids(b)) for a, b in PAIRS] for layer in (1, 2)}
    probe = "Slow piano, café 音楽"
    golden = {
        "texts": texts, "variants": variants, "pairs": PAIRS,
        "scores": {str(layer): values for layer, values in scores.items()},
        "truncated": {"text": TEXTS[-1], "ids": ids(TEXTS[-1])},
        "probe": {"text": probe, "ids": ids(probe),
                  "layers": [hidden(ids(probe), layer).tolist() for layer in range(3)]}}
    (FOLDER / "golden.json").write_text(json.dumps(golden, ensure_ascii=True, separators=(",", ":")) + "\n")
    assert all(math.isfinite(x) for values in scores.values() for row in values for x in row)
    for layer, values in scores.items():
        check_with_bert_score(FOLDER, values, layer)


if __name__ == "__main__":
    main()
