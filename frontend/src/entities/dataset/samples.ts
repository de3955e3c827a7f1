import type { KindOut } from "@/lib/api/generated/types.gen";

import { kindBookOf } from "./kind-book";
import kinds from "./kinds.test.json";

/** The kinds of data as the API sends them, for tests; `llmlora check --write` draws them anew. */
export const KINDS = kindBookOf(kinds as unknown as readonly KindOut[]);
