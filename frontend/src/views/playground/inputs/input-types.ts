import type { ComponentType } from "react";

import type { DeployedPredictor, TextItem } from "@/lib/api/generated/types.gen";

import { TextInput, textsOf } from "./text-input";

/** One thing that a model is asked about. */
export type Item = TextItem;

export interface InputProps {
  /** As it was left, also over a reload. */
  draft: string;
  onDraft: (draft: string) => void;
  /** A person has asked by the keyboard. */
  onAsk: () => void;
}

interface InputType {
  /** Where a person gives what the model takes. */
  Input: ComponentType<InputProps>;
  /** What a draft asks about. */
  itemsOf: (draft: string) => Item[];
  /** What stands beside an answer. */
  labelOf: (item: Item) => string;
}

/** What models that predict can take, each with its part of the page. */
export const INPUT_TYPES: Record<DeployedPredictor["input"], InputType> = {
  text: { Input: TextInput, itemsOf: textsOf, labelOf: ({ text }) => text },
};
