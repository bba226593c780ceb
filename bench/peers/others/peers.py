"""The side of Python in bench/peers/others. One library a process, so that its memory is its own:

    peers.py PEER text|index DIR
    peers.py PEER end SET SIZE DIR

prints a row for each thing measured, as a JSON object a line. Times are of the processor
(time.process_time), one thread. What a library is given is what its README gives it; words are
lower-case runs of letters and digits, shingles are five of them joined by a space, and making them
counts, since none of these libraries but text-dedup reads text by itself.
"""

import gc
import json
import re
import struct
import sys
import time
from importlib.metadata import version
from resource import RUSAGE_SELF, getrusage

SLOTS, BANDS, ROWS = 128, 16, 8
INDEXED, QUERIED = 100_000, 2048
WORD = re.compile(r"[^\W_]+")  # as the exact lists have them


def shingles(text, size=5):
    w = WORD.findall(text.lower())
    return [" ".join(x) for x in zip(*(w[i:] for i in range(size)))]


def each(path):
    """The texts of a file, which end in a zero byte."""
    rest = ""
    with open(path, encoding="utf-8", newline="") as f:
        while block := f.read(1 << 20):
            *texts, rest = (rest + block).split("\0")
            yield from texts


def sets(path):
    with open(path, "rb") as f:
        while b := f.read(4):
            (n,) = struct.unpack("<I", b)
            yield struct.unpack(f"<{n}Q", f.read(8 * n))


def target(i):
    return (i * 7919 + 13) % INDEXED


def emit(p, task, of, note, **figures):
    name = p.name + getattr(p, "label", "")
    if not isinstance(p, Shingles):
        name += " " + version(p.name)
    print(json.dumps(dict(peer=name, language=p.language, task=task, of=of, note=note, **figures)), flush=True)


def held():
    """Bytes of resident memory, what was freed given back."""
    gc.collect()
    try:
        import ctypes

        ctypes.CDLL("libc.so.6").malloc_trim(0)
    except OSError:
        pass
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * 4096


def turn(texts, f):
    """µs of a call of f, with the texts in turn, for half a second."""
    for t in texts[:16]:
        f(t)
    n, start = 0, time.process_time()
    while time.process_time() - start < 0.5:
        for _ in range(8):
            f(texts[n % len(texts)])
            n += 1
    return (time.process_time() - start) * 1e6 / n


class Datasketch:
    name, language = "datasketch", "Python, NumPy"
    note = "MinHash.update_batch"

    def __init__(self):
        from datasketch import MinHash, MinHashLSH

        self.MinHash, self.LSH = MinHash, MinHashLSH

    def text(self, text, size=5):
        return self.tokens(shingles(text, size))

    def tokens(self, tokens):
        m = self.MinHash(num_perm=SLOTS)
        m.update_batch([t.encode() for t in tokens])
        return m

    def numbers(self, xs):
        return [self.tokens(map(str, x)) for x in xs]

    index_note = "one by one; bytes without signatures"

    def index(self, sigs):
        x = self.LSH(num_perm=SLOTS, params=(BANDS, ROWS))
        for i, m in enumerate(sigs):
            x.insert(i, m)
        return x

    def query(self, x, sig):
        return x.query(sig)

    end_note = "MinHashLSH(threshold=.8) chooses its own bands, few of which hold at .8; verified by MinHash.jaccard"

    def pairs(self, texts):
        x, held = self.LSH(threshold=0.8, num_perm=SLOTS), {}
        for i, tokens in texts:
            m = self.tokens(tokens)
            for k in x.query(m):
                if m.jaccard(held[k]) >= 0.8:
                    yield i, k
            x.insert(i, m)
            held[i] = m


class Rensa:
    name, language = "rensa", "Rust, from Python"
    note = "RMinHash.from_token_sets, one text a call"

    def __init__(self):
        from rensa import RMinHash, RMinHashLSH

        self.M, self.LSH = RMinHash, RMinHashLSH

    def text(self, text, size=5):
        return self.M.from_token_sets([shingles(text, size)], num_perm=SLOTS, seed=42)[0]

    def numbers(self, xs):
        return self.M.from_token_sets([list(map(str, x)) for x in xs], num_perm=SLOTS, seed=42)

    index_note = "one by one; bytes without signatures"

    def index(self, sigs):
        x = self.LSH(threshold=0.8, num_perm=SLOTS, num_bands=BANDS)
        for i, m in enumerate(sigs):
            x.insert(i, m)
        return x

    def query(self, x, sig):
        return x.query(sig)

    end_note = "RMinHashLSH of 16 bands, verified by RMinHash.jaccard"

    def pairs(self, texts):
        x, held = self.LSH(threshold=0.8, num_perm=SLOTS, num_bands=BANDS), {}
        for i, tokens in texts:
            m = self.M.from_token_sets([tokens], num_perm=SLOTS, seed=42)[0]
            for k in x.query(m):
                if m.jaccard(held[k]) >= 0.8:
                    yield i, k
            x.insert(i, m)
            held[i] = m


class Rho(Rensa):
    """Rensa's pipeline for bulk filtering: it samples token positions."""

    note = "rho, digest_matrix_from_token_sets_rho: samples positions, so that order and length count"
    label = "-rho"

    def text(self, text, size=5):
        return self.M.digest_matrix_from_token_sets_rho([shingles(text, size)], num_perm=SLOTS, seed=42)


class FastSketchLSH:
    name, language = "FastSketchLSH", "C++, from Python"
    note = "FastSimilaritySketch, one text a call"

    def __init__(self):
        import FastSketchLSH as F
        import numpy

        self.F, self.np = F, numpy
        self.sketch = F.FastSimilaritySketch(size=SLOTS, seed=42)

    def text(self, text, size=5):
        return self.sketch(shingles(text, size))

    def numbers(self, xs):
        return self.sketch.batch([self.np.array(x, dtype=self.np.uint64) for x in xs], prehashed=True, num_threads=1)

    index_note = "in one call; bytes without signatures"

    def index(self, sigs):
        x = self.F.LSH(num_perm=SLOTS, num_bands=BANDS, num_threads=1)
        x.insert(sigs)
        return x

    def query(self, x, sig):
        return x.query(sig)

    end_note = "sketches in batches of 1,000 texts, LSH of 16 bands, verified by estimate_jaccard"

    def pairs(self, texts):
        rows, ids, batch = [], [], []
        for i, tokens in texts:
            if tokens:
                ids.append(i)
                batch.append(tokens)
            if len(batch) == 1000:
                rows.append(self.sketch.batch(batch, num_threads=1))
                batch = []
        if batch:
            rows.append(self.sketch.batch(batch, num_threads=1))
        m = self.np.concatenate([self.np.asarray(r, dtype=self.np.uint64) for r in rows])
        del rows
        x = self.index(m)
        for i in range(len(m)):
            for k in x.query(m[i]):
                if k < i and self.F.estimate_jaccard(m[i], m[k]) >= 0.8:
                    yield ids[i], ids[k]


class TextDedup:
    name, language = "text-dedup", "Python, NumPy"
    note = "embed_func of its minhash script, which splits words itself"

    def __init__(self):
        import numpy as np
        from text_dedup.minhash import RNG, embed_func
        from text_dedup.utils import xxh3_32hash

        prime, top = np.uint32((1 << 32) - 5), np.uint32((1 << 32) - 1)
        permutations = (
            RNG.randint(1, prime, size=(SLOTS,), dtype=np.uint32),
            RNG.randint(0, prime, size=(SLOTS,), dtype=np.uint32),
        )
        ranges = [(i * ROWS, (i + 1) * ROWS) for i in range(BANDS)]
        self.text = lambda text: embed_func(
            text,
            0,
            num_perm=SLOTS,
            ngram_size=5,
            min_length=5,
            hashranges=ranges,
            permutations=permutations,
            hash_func=xxh3_32hash,
            dtype=np.uint32,
            max_hash=top,
            modulo_prime=prime,
        )


class FastDedup:
    name, language = "fast-dedup", "C++, from Python"
    note = "update, one shingle a call"

    def __init__(self):
        from fast_dedup import MinHash, SimHash

        self.M, self.S = MinHash, SimHash

    def text(self, text):
        m = self.M(SLOTS)
        for t in shingles(text):
            m.update(t)
        return m

    def simhash(self, text):
        s = self.S()
        for t in shingles(text):
            s.update(t, 1)
        return s.fingerprint()


class Shingles:
    """What the others of Python pay before their library sees anything."""

    name, language = "words and shingles", "Python"
    note = "no library: all from Python but text-dedup pay it first"

    def text(self, text):
        return shingles(text)


class Simhash:
    name, language = "simhash", "Python, NumPy"
    note = "Simhash of a list of shingles"

    def __init__(self):
        from simhash import Simhash

        self.simhash = lambda text: Simhash(shingles(text)).value


PEERS = {
    "shingles": Shingles,
    "datasketch": Datasketch,
    "rensa": Rensa,
    "rensa-rho": Rho,
    "FastSketchLSH": FastSketchLSH,
    "text-dedup": TextDedup,
    "fast-dedup": FastDedup,
    "simhash": Simhash,
}


def measure_text(p, where):
    for of in ("1KB", "9KB"):
        texts = list(each(f"{where}/{of}"))
        for task in ("text", "simhash"):
            if f := getattr(p, task, None):
                us = turn(texts, f)
                emit(p, task, of, p.note, us=us)


def measure_index(p, where):
    queries = list(p.numbers(list(sets(f"{where}/queries"))))
    sigs = p.numbers(list(sets(f"{where}/sets")))
    before, start = held(), time.process_time()
    x = p.index(sigs)
    add = time.process_time() - start
    size = held() - before
    found, start = 0, time.process_time()
    for i, q in enumerate(queries):
        if target(i) in p.query(x, q):
            found += 1
    query = time.process_time() - start
    emit(p, "index", str(INDEXED), p.index_note, us=add * 1e6 / INDEXED, query_us=query * 1e6 / QUERIED, bytes=size / INDEXED, recall=found / QUERIED)


def measure_end(p, which, size, where):
    start = time.process_time()
    for _ in each(f"{where}/{which}"):
        pass
    reading = time.process_time() - start
    start = time.process_time()
    texts = ((i, tokens) for i, text in enumerate(each(f"{where}/{which}")) if (tokens := shingles(text, size)))
    with open(f"{where}/pairs", "w") as f:
        for a, b in p.pairs(texts):
            f.write(f"{a} {b}\n")
    seconds = time.process_time() - start
    emit(p, "end-to-end", which, p.end_note, seconds=seconds, reading=reading, mb=getrusage(RUSAGE_SELF).ru_maxrss / 1000)


def main(peer, task, *args):
    p = PEERS[peer]()
    {"text": measure_text, "index": measure_index, "end": lambda p, a, b, c: measure_end(p, a, int(b), c)}[task](p, *args)


if __name__ == "__main__":
    main(*sys.argv[1:])
