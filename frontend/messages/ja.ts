import chart from "./ja/chart.json";
import chat from "./ja/chat.json";
import common from "./ja/common.json";
import compare from "./ja/compare.json";
import course from "./ja/course.json";
import dataset from "./ja/dataset.json";
import datasets from "./ja/datasets.json";
import devUi from "./ja/devUi.json";
import evaluate from "./ja/evaluate.json";
import find from "./ja/find.json";
import home from "./ja/home.json";
import job from "./ja/job.json";
import labels from "./ja/labels.json";
import learn from "./ja/learn.json";
import models from "./ja/models.json";
import nav from "./ja/nav.json";
import newTraining from "./ja/newTraining.json";
import notifications from "./ja/notifications.json";
import playground from "./ja/playground.json";
import problems from "./ja/problems.json";
import states from "./ja/states.json";
import system from "./ja/system.json";
import terms from "./ja/terms.json";
import training from "./ja/training.json";
import ui from "./ja/ui.json";

/** Everything the pages say in Japanese, one file a namespace. */
const ja = {
  chart,
  chat,
  common,
  compare,
  course,
  dataset,
  datasets,
  devUi,
  evaluate,
  find,
  home,
  job,
  labels,
  learn,
  models,
  nav,
  newTraining,
  notifications,
  playground,
  problems,
  states,
  system,
  terms,
  training,
  ui,
};

export { ja };
