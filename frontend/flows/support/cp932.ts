/** What Excel on a Japanese Windows writes. JavaScript reads this encoding only, so its table is read backwards. */
export function toCp932(text: string): Buffer {
  const bytesOf = table();
  const bytes = [...text].flatMap((character) => {
    const found = character.charCodeAt(0) < 0x80 ? [character.charCodeAt(0)] : bytesOf.get(character);
    if (!found) throw new Error(`CP932 has no ${character}.`);
    return found;
  });
  return Buffer.from(bytes);
}

function table(): Map<string, number[]> {
  const decoder = new TextDecoder("shift_jis");
  const found = new Map<string, number[]>();
  for (let lead = 0x81; lead <= 0xfc; lead += 1) {
    if (lead >= 0xa0 && lead < 0xe0) continue;
    for (let trail = 0x40; trail <= 0xfc; trail += 1) {
      const character = decoder.decode(Uint8Array.of(lead, trail));
      if ([...character].length === 1 && character !== "\uFFFD" && !found.has(character)) found.set(character, [lead, trail]);
    }
  }
  return found;
}
