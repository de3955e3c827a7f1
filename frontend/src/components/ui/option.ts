/** One of what a Select or a Combobox offers. */
export interface Option<Value extends string = string> {
  value: Value;
  label: string;
  /** A few words behind the label. */
  hint?: string;
  disabled?: boolean;
}
