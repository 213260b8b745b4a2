package io.twinport.it.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What {@code apps.ContractRun} has written: how every test ended, and the switch's counters. */
record ContractResults(List<Outcome> outcomes, Map<String, Long> counters) {
  /**
   * How one test ended.
   *
   * @param test the contract and the method, {@code CloseContract.name()}
   */
  record Outcome(String status, String test, String text) {
    boolean is(String other) {
      return status.equals(other);
    }
  }

  static ContractResults read(Path file) throws IOException {
    List<Outcome> outcomes = new ArrayList<>();
    Map<String, Long> counters = new HashMap<>();
    boolean ended = false;
    for (String line : joined(Files.readAllLines(file))) {
      String[] words = line.split(" ", 3);
      switch (words[0]) {
        case "end" -> ended = true;
        case "counter" -> counters.put(words[1], Long.valueOf(words[2]));
        default -> outcomes.add(new Outcome(words[0], words[1], words[2]));
      }
    }
    if (!ended) {
      throw new AssertionError("the run has not come to its end: " + file);
    }
    return new ContractResults(outcomes, counters);
  }

  /** Puts lines together that begin with a tab and the one before. */
  private static List<String> joined(List<String> lines) {
    List<String> joined = new ArrayList<>();
    for (String line : lines) {
      if (line.startsWith("\t")) {
        joined.add(joined.remove(joined.size() - 1) + "\n" + line);
      } else {
        joined.add(line);
      }
    }
    return joined;
  }

  /** The outcomes by the contract that the tests are of, whichever classes ran it. */
  Map<String, List<Outcome>> byContract() {
    Map<String, List<Outcome>> contracts = new TreeMap<>();
    for (Outcome outcome : outcomes) {
      String contract = outcome.test().split("\\.", 2)[0];
      contracts.computeIfAbsent(contract, name -> new ArrayList<>()).add(outcome);
    }
    return contracts;
  }

  /** The tests that were good at least once. */
  Set<String> passed() {
    Set<String> passed = new TreeSet<>();
    for (Outcome outcome : outcomes) {
      if (outcome.is("ok")) {
        passed.add(outcome.test());
      }
    }
    return passed;
  }

  /** The tests that never ran to their end, and why. */
  Map<String, String> leftOut() {
    Set<String> passed = passed();
    Map<String, String> leftOut = new TreeMap<>();
    for (Outcome outcome : outcomes) {
      if ((outcome.is("aborted") || outcome.is("skipped")) && !passed.contains(outcome.test())) {
        leftOut.put(outcome.test(), outcome.text());
      }
    }
    return leftOut;
  }

  long counter(String name) {
    return counters.getOrDefault(name, 0L);
  }
}
