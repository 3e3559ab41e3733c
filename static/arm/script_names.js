// What a script may name in braces: the word as it is written, and what stands for it.

export const allNames = Object.freeze({
  имя: "name",
  фамилия: "lastName",
  оператор: "operator",
  кампания: "campaign",
  заявка: "application",
  продукт: "product",
  сумма: "amount",
  предложение: "offer",
  "сумма предложения": "offerAmount",
  name: "name",
  "last name": "lastName",
  operator: "operator",
  campaign: "campaign",
  application: "application",
  product: "product",
  amount: "amount",
  offer: "offer",
  "offer amount": "offerAmount",
});
