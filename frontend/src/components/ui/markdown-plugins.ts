import remarkCjkFriendly from "remark-cjk-friendly/parseOnly";
import remarkGfm from "remark-gfm";

/** Tables and the like; and emphasis beside Japanese brackets and full stops, which CommonMark leaves as asterisks. */
export const MARKDOWN_PLUGINS = [remarkGfm, remarkCjkFriendly];
