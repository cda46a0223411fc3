import { describe, expect, test } from 'vitest';
import { chooseLanes, type Facts, missingLanes, weakLanes } from './lanes.ts';

const nothing: Facts = {
  kafkaBrokers: undefined,
  mongodbUrl: undefined,
  docker: false,
  java: false,
  maven: false,
  python: false,
};
const withJava = { ...nothing, java: true, maven: true, python: true };
const everything = {
  ...withJava,
  docker: true,
  kafkaBrokers: '127.0.0.1:9092',
  mongodbUrl: 'mongodb://127.0.0.1:27017',
};

describe('lanes are taken in the order', () => {
  test('given, containers, Java', () => {
    expect(chooseLanes(everything).kafka).toEqual(['given', 'containers', 'java']);
    expect(chooseLanes(everything).mongodb).toEqual(['given', 'containers', 'java']);
  });

  test('one given server says nothing about the other', () => {
    const lanes = chooseLanes({ ...withJava, kafkaBrokers: '127.0.0.1:9092' });
    expect(lanes.kafka).toEqual(['given', 'java']);
    expect(lanes.mongodb).toEqual(['java']);
  });

  test('Java without Maven, or Maven without a compiler, is no lane', () => {
    expect(chooseLanes({ ...nothing, java: true }).kafka).toEqual([]);
    expect(chooseLanes({ ...nothing, maven: true }).mongodb).toEqual([]);
  });
});

describe('what cannot be tested is said with the way to it', () => {
  test('a machine with nothing lacks three things', () => {
    expect(missingLanes(nothing)).toEqual([
      'Kafka: not tested. Set KAFKA_BROKERS, or start Docker, or install a Java development kit (17 or newer) and Maven.',
      'MongoDB: not tested. Set MONGODB_URL, or start Docker, or install a Java development kit (17 or newer) and Maven.',
      'Python consumer: not tested. Install Python 3.9 or newer.',
    ]);
  });

  test('only what is lacking is to be installed', () => {
    expect(missingLanes({ ...nothing, java: true, python: true })[0]).toMatch(/ install Maven\.$/);
  });

  test('any one lane is enough', () => {
    expect(missingLanes(withJava)).toEqual([]);
    expect(missingLanes({ ...nothing, docker: true, python: true })).toEqual([]);
  });

  test('a given server alone cannot be killed', () => {
    const [line, ...others] = missingLanes({
      ...everything,
      docker: false,
      maven: false,
      mongodbUrl: undefined,
    });
    expect(line).toBe(
      'Kafka: its faults are not tested, since tests do not kill the one of KAFKA_BROKERS. For them start Docker, or install Maven.',
    );
    expect(others).toHaveLength(1);
  });
});

test('a stand-in is called one, and nothing else is', () => {
  expect(weakLanes(withJava)).toHaveLength(1);
  expect(weakLanes({ ...withJava, docker: true })).toEqual([]);
  expect(weakLanes(everything)).toEqual([]);
  expect(weakLanes(nothing)).toEqual([]);
});
