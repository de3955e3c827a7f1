import { readStored, writeStored } from "@/entities/chat/use-stored-text";

/** Where the question that is being written to a conversation is kept. */
export function draftKeyOf(sessionId: string | null): string {
  return `llmlora.chat.draft.${sessionId ?? "new"}`;
}

/** What was typed while a conversation was being made goes on in it. */
export function carryDraft(from: string | null, to: string): void {
  const typed = readStored(draftKeyOf(from));
  if (typed === "") return;
  writeStored(draftKeyOf(to), typed);
  writeStored(draftKeyOf(from), "");
}
