import { expect, it } from "vitest";

import { roundedBits } from "./precision";

it.each([
  ["Q4_K_M", 4],
  ["q8_0", 8],
  ["IQ3_XS", 3],
  ["F16", null],
  ["BF16", null],
  [null, null],
])("%s keeps %s bits", (quantisation, bits) => expect(roundedBits(quantisation)).toBe(bits));
