/** About how many bits of each weight a number format keeps; null where it rounds nothing that trainings would miss. */
export function roundedBits(quantisation: string | null | undefined): number | null {
  const bits = /^i?q(\d)(?:_|$)/i.exec(quantisation ?? "")?.[1];
  return bits === undefined ? null : Number(bits);
}
