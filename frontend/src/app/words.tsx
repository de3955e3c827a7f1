import { getMessages } from "next-intl/server";
import type { ReactNode } from "react";

import { MoreMessages } from "@/lib/i18n/more-messages";
import { pick, type Tree } from "@/lib/i18n/pick";
import type { Spoken } from "@/lib/i18n/spoken";

/** Written by the build (next.config.ts), which reads it off the sources. */
const SPOKEN = JSON.parse(process.env.SPOKEN ?? "") as Spoken;

/** The messages that the frame around every page speaks. */
export async function frameMessages(): Promise<Tree> {
  return pick((await getMessages()) as unknown as Tree, SPOKEN.frame);
}

/** A page with the messages that its parts speak, also those that come later. `of`: its route, as its folder says it. */
export async function Words({ of, children }: { of: string; children: ReactNode }) {
  const messages = pick((await getMessages()) as unknown as Tree, SPOKEN.routes[of] ?? []);
  return <MoreMessages messages={messages}>{children}</MoreMessages>;
}
