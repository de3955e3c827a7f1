import type { CompletionExample, ConversationExample, PreferenceExample } from "@/lib/api/generated/types.gen";

/** A row of any kind of text: what its kind does not have is not there. */
export type Example = Pick<ConversationExample, "row"> &
  Partial<ConversationExample & CompletionExample & PreferenceExample>;
