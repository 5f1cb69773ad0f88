"""Decodes a Tournée `bulk` payload (docs/PROTOCOL.md): decode_bulk.py < payload prints one JSON row a line."""
import datetime, json, math, os, sys, zlib

def decode(payload, dictionary):
    assert payload[:2] == b'T\x01', 'not a bulk batch of version 1'
    def varint(data, at, shift=0, value=0):
        while True:
            value, shift, at = value | (data[at] & 127) << shift, shift + 7, at + 1
            if data[at - 1] < 128: return value, at
    first, pos = varint(payload, 26)  # behind magic, journal, prevCrc and crc
    (count, pos), (size, pos) = (two := varint(payload, pos)), varint(payload, two[1])
    texts, text_at = zlib.decompressobj(-15, zdict=dictionary).decompress(payload[pos:pos + size]), 0
    bits, at, low, high, beside = payload[pos + size:], 4, 0, 2**32 - 1, {}
    value = int.from_bytes((bits[:4] + bytes(4))[:4], 'big')
    def text():
        nonlocal text_at
        length, start = varint(texts, text_at)
        return texts[start:(text_at := start + length)].decode()
    def bit(models, key):  # one adaptive binary decision; without a key it is as likely 0 as 1
        nonlocal at, low, high, value
        model = [32768, 0] if key is None else models.setdefault(key, [32768, 0])
        one = value <= (middle := low + (high - low) * model[0] // 65536)
        low, high = (low, middle) if one else (middle + 1, high)
        model[0] += math.trunc(2 * ((65488 if one else 48) - model[0]) / (2 * model[1] + 3))
        model[1] = min(model[1] + 1, 60)
        while low >> 24 == high >> 24:
            low, high = low << 8 & 0xffffffff, high << 8 & 0xffffffff | 255
            value, at = value << 8 & 0xffffffff | (bits[at] if at < len(bits) else 0), at + 1
        return int(one)
    def number(models, n=1, tree=1):  # zero or not, length in six decisions, the bits below the leading one
        if not bit(models, 0): return 0
        for _ in range(6): tree = tree * 2 + bit(models, tree)
        for i in range(tree - 64): n = n * 2 + bit(models, None if i else 1024 * (tree - 63) + n)
        return -(n + 1) // 2 if n % 2 else n // 2
    def column(length):  # residuals of order 0, 1 or 2 in units of a step
        order, step, models, out = number(beside), number(beside), {}, [0, 0]
        for i in range(length):
            v = number(beside) if i == 0 and order else number(models) * step
            out.append(v + (order > 0) * out[-1] + (order > 1 and i > 1) * (out[-1] - out[-2]))
        return out[2:]
    def values(name, length):  # of one column, as JSON text
        instant = lambda ms: datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=ms)
        if name[:1] == 't': return ['"%sZ"' % instant(ms).isoformat('T', 'milliseconds') for ms in column(length)]
        places = number(beside) if name[:1] == 'n' else 0
        if places: return [('%.*f' % (places, v / 10**places)).rstrip('0').rstrip('.') for v in column(length)]
        if name[:1] in ('n', 'i'): return [str(v) for v in column(length)]
        table = [text() for _ in range(number(beside))]
        return [json.dumps(table[i], ensure_ascii=False) if name[:1] == 's' else table[i] for i in column(length)]
    def fields(shape):  # key, column and literal of each field; a row without a shape is one column
        column_of = lambda k, t: 't ' + k if t == 't' else '%s %s %s' % (t, shape[0], k) if t in 'nisj' else None
        return [(k, column_of(k, t), {'T': 'true', 'F': 'false', '0': 'null'}.get(t)) for k, t in [f.split(':') for f in shape[1:]]]
    shapes, need = [s.split(' ') for s in text().split('\n')], {}
    rows = [(shapes[i][0], fields(shapes[i]) if shapes[i] != [''] else [('', '', None)]) for i in column(count)]
    for name in [f[1] for _, row in rows for f in row if f[1] is not None]: need[name] = need.get(name, 0) + 1
    taken = {name: iter(values(name, length)) for name, length in need.items()}
    for n, (kind, row) in enumerate(rows, first):
        got = [(key, literal or next(taken[name])) for key, name, literal in row]
        yield n, '{"kind":"%s"%s}' % (kind, ''.join(',"%s":%s' % g for g in got)) if kind else got[0][1]

if __name__ == '__main__':
    preset = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'bulk.dictionary'), 'rb').read()
    for _, row in decode(sys.stdin.buffer.read(), preset): print(row)
