import { later } from "@/components/ui/later";

/** Tags, note and their button, as the server draws them; they answer once the page has come alive. */
export const LabelLine = later(() => import("./label-and-tags").then((module) => module.LabelAndTags), <div className="mt-1 h-7" />);
