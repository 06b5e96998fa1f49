import { expect, test } from 'vitest'
import {
  AcceptModel,
  LabId,
  ListenRequest,
  RecipeName,
  RecipeSize,
  Steering,
  TrafficRequest,
  WaitStrategy,
} from '../../../../../electron/contract/lab.ts'
import {
  acceptBehaviors,
  acceptModels,
  exchanges,
  parseLabId,
  parseRate,
  parseWholeNumber,
  recipeNames,
  replies,
  sizes,
  steerings,
  waitStrategies,
} from '../../../../../electron/fronts/cli/lab/lab-values.ts'

test('the enums of the command line equal those of the contract', () => {
  const { acceptBehavior, reply } = ListenRequest.shape
  expect(acceptBehaviors).toEqual(acceptBehavior.unwrap().shape.mode.unwrap().options)
  expect(replies).toEqual(reply.unwrap().options)
  expect(exchanges).toEqual(TrafficRequest.shape.exchange.unwrap().options)
  expect(acceptModels).toEqual(AcceptModel.options)
  expect(waitStrategies).toEqual(WaitStrategy.options)
  expect(steerings).toEqual(Steering.options)
  expect(sizes).toEqual(RecipeSize.options)
  expect([...recipeNames].sort()).toEqual([...RecipeName.options].sort())
})

test('numbers, strictly', () => {
  expect(parseWholeNumber('12', 1, 20)).toBe(12)
  expect(() => parseWholeNumber('1e1', 1, 20)).toThrow(/from 1 to 20/)
  expect(() => parseWholeNumber('21', 1, 20)).toThrow(/from 1 to 20/)
  expect(parseRate('2.5')).toBe(2.5)
  expect(() => parseRate('0')).toThrow(/not a rate/)
})

test('ids', () => {
  expect(parseLabId('0a1b2c3d')).toBe(LabId.parse('0a1b2c3d'))
  for (const text of ['', '0a1b2c3', '0A1B2C3D', '127.0.0.1', '0a1b2c3d0'])
    expect(() => parseLabId(text)).toThrow(/not a lab id/)
})
