/** Times and amounts in a text (`9 h 24`, `12 h`, `9:24`, `6 %`, `11,7 V`) kept whole at a line's end; the text itself is not changed. */
export function Typeset({ text }: { text: string }) {
  const parts = text.split(
    /(\d{1,2} h(?: \d\d)?(?:–\d{1,2} h(?: \d\d)?)?(?!\w)|\d{1,2}:\d\d(?:–\d{1,2}:\d\d)?|\d+(?:[.,]\d+)? (?:%|V\b|A\b|°C|m\b|min\b|GB|Go))/,
  );
  return (
    <>
      {parts.map((part, n) =>
        n % 2 === 0 ? (
          part
        ) : (
          <span class="whole" key={n}>
            {part}
          </span>
        ),
      )}
    </>
  );
}
