/** The little of a visitor for the tokens of `odata-v4-parser` that the tests need: comparisons, `and` and `contains`. */
export function matching(token: any): (item: any) => boolean {
  const value = (part: any): any => {
    switch (part.type) {
      case "Literal":
        if (part.value === "Edm.String") return decodeURIComponent(part.raw).slice(1, -1).replaceAll("''", "'");
        return JSON.parse(part.raw);
      case "FirstMemberExpression":
      case "PropertyPathExpression":
      case "MemberExpression":
      case "CommonExpression":
      case "ParenExpression":
      case "BoolParenExpression":
        return value(part.value);
      case "ODataIdentifier":
        return { name: part.value.name };
      default:
        return part;
    }
  };
  switch (token.type) {
    case "EqualsExpression":
    case "LesserThanExpression": {
      const [left, right] = [value(token.value.left), value(token.value.right)];
      return (item) => (token.type === "EqualsExpression" ? item[left.name] === right : item[left.name] < right);
    }
    case "AndExpression": {
      const [left, right] = [matching(token.value.left), matching(token.value.right)];
      return (item) => left(item) && right(item);
    }
    default:
      if (typeof token.value === "object" && token.value?.type !== undefined) return matching(token.value);
      throw new Error(`Tests have no '${String(token.type)}'.`);
  }
}
