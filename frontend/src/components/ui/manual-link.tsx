import { later } from "./later";

/** Comes with the first error: few pages show one. */
export const ManualLink = later(() => import("./manual-anchor").then((module) => module.ManualAnchor));
