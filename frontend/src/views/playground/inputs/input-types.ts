import type { ComponentType } from "react";

import type { ColumnsItem, DeployedPredictor, TextItem } from "@/lib/api/generated/types.gen";

import { columnsItems } from "./columns";
import { ColumnsInput } from "./columns-input";
import { TextInput, textsOf } from "./text-input";

/** One thing that a model is asked about. */
export type Item = TextItem | ColumnsItem;

export interface InputProps {
  /** As it was left, also over a reload. */
  draft: string;
  /** The model that is asked. */
  predictor: DeployedPredictor;
  onDraft: (draft: string) => void;
  /** A person has asked by the keyboard. */
  onAsk: () => void;
}

interface InputType {
  /** Where a person gives what the model takes. */
  Input: ComponentType<InputProps>;
  /** What a draft asks about. */
  itemsOf: (draft: string, predictor: DeployedPredictor) => Item[];
  /** What stands beside an answer. */
  labelOf: (item: Item) => string;
}

/** What models that predict can take, each with its part of the page. */
export const INPUT_TYPES: Record<DeployedPredictor["input"], InputType> = {
  text: { Input: TextInput, itemsOf: textsOf, labelOf: (item) => ("text" in item ? item.text : "") },
  columns: { Input: ColumnsInput, itemsOf: columnsItems, labelOf: (item) => ("columns" in item ? cellsText(item.columns) : "") },
};

function cellsText(columns: ColumnsItem["columns"]): string {
  return Object.entries(columns)
    .map(([name, cell]) => `${name}: ${cell ?? "–"}`)
    .join(" · ");
}
