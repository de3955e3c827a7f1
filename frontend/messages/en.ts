import chart from "./en/chart.json";
import chat from "./en/chat.json";
import common from "./en/common.json";
import compare from "./en/compare.json";
import course from "./en/course.json";
import dataset from "./en/dataset.json";
import datasets from "./en/datasets.json";
import devUi from "./en/devUi.json";
import evaluate from "./en/evaluate.json";
import find from "./en/find.json";
import home from "./en/home.json";
import job from "./en/job.json";
import labels from "./en/labels.json";
import learn from "./en/learn.json";
import models from "./en/models.json";
import nav from "./en/nav.json";
import newTraining from "./en/newTraining.json";
import notifications from "./en/notifications.json";
import playground from "./en/playground.json";
import problems from "./en/problems.json";
import states from "./en/states.json";
import system from "./en/system.json";
import terms from "./en/terms.json";
import training from "./en/training.json";
import ui from "./en/ui.json";

/** Everything the pages say in English, one file a namespace. */
const en = {
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

export { en };
