/**
 * A name that the API knows is drawn in `PersonsName` (or `bdi`), so that its direction turns nothing around it. In
 * sentences the formatter of messages sees to that; `isolated` (lib/isolate) elsewhere.
 */

/** Fields of the API's answers that hold what people wrote. */
const NAMES = new Set(["name", "title", "original_name", "reference", "base_reference", "tag"]);
/** Whose names the studio gives itself, or the machine. */
const OURS = /^(Recipe|Course|Section|Setting|Service|DiskUse|Part$|Report$|Artifact|Problem$|Gpu)/;
const GENERATED = /api[\\/]generated[\\/]types\.gen\.ts$/;
const ISOLATING = new Set(["PersonsName", "bdi"]);
const MOST_STEPS = 6;

const rule = {
  meta: {
    type: "problem",
    schema: [],
    messages: { bare: "A name that people gave stands in PersonsName (components/ui/persons-name), in a text in isolated() (lib/isolate)." },
  },
  create(context) {
    const { program, esTreeNodeToTSNodeMap } = context.sourceCode.parserServices;
    const checker = program.getTypeChecker();
    const typeOf = (node) => checker.getTypeAtLocation(esTreeNodeToTSNodeMap.get(node));
    const isField = (owner, name) => {
      if (!NAMES.has(name)) return false;
      return (checker.getNonNullableType(typeOf(owner)).getProperty(name)?.declarations ?? []).some(
        ({ parent }) => GENERATED.test(parent.getSourceFile().fileName) && !OURS.test(parent.parent.name?.text ?? ""),
      );
    };
    const definitionOf = (identifier) => {
      for (let scope = context.sourceCode.getScope(identifier); scope; scope = scope.upper) {
        const found = scope.set.get(identifier.name);
        if (found) return found.defs[0]?.node;
      }
      return undefined;
    };
    const holdsName = (node, steps = MOST_STEPS) => {
      if (!node || steps === 0) return false;
      const goOn = (...nodes) => nodes.some((one) => holdsName(one, steps - 1));
      switch (node.type) {
        case "ChainExpression":
          return goOn(node.expression);
        case "MemberExpression":
          return !node.computed && isField(node.object, node.property.name);
        case "LogicalExpression":
          return node.operator === "&&" ? goOn(node.right) : goOn(node.left, node.right);
        case "ConditionalExpression":
          return goOn(node.consequent, node.alternate);
        case "TemplateLiteral":
          return goOn(...node.expressions);
        case "CallExpression":
          return /^short/.test(node.callee.name ?? "") && goOn(...node.arguments);
        case "Identifier": {
          const definition = definitionOf(node);
          if (definition?.type !== "VariableDeclarator") return false;
          if (definition.id.type === "Identifier") return goOn(definition.init);
          if (definition.id.type !== "ObjectPattern" || !definition.init) return false;
          const taken = definition.id.properties.find(({ value }) => value?.name === node.name);
          return taken !== undefined && isField(definition.init, taken.key.name);
        }
        default:
          return false;
      }
    };
    return {
      "JSXElement > JSXExpressionContainer, JSXFragment > JSXExpressionContainer"(container) {
        if (ISOLATING.has(container.parent.openingElement?.name.name)) return;
        if (holdsName(container.expression)) context.report({ node: container, messageId: "bare" });
      },
    };
  },
};

export const personsNames = { rules: { "persons-names": rule } };
