package io.twinport.it.compatibility;

import java.util.ArrayList;
import java.util.List;

/** An application in one version, and the small program that is its server and its client. */
final class Application {
  /** For folders, and to choose it by. */
  final String id;

  /** What people call it, with its version. */
  final String name;

  /** The class in {@code src/applications/java}. */
  final String program;

  /** What the client has it do, for people. */
  final String does;

  /** {@code group:artifact:version} each, whose versions hold for artifacts without one. */
  final List<String> boms = new ArrayList<>();

  /**
   * {@code group:artifact[:version[:classifier]]} each; with a {@code !} before it, an artifact
   * that is left out.
   */
  final List<String> artifacts = new ArrayList<>();

  /** Options of the JVMs; {@code {artifact}} stands for the jar of an artifact. */
  final List<String> options = new ArrayList<>();

  /** Options that stand before Twinport's agent, as other agents' do. */
  final List<String> optionsBefore = new ArrayList<>();

  /** The lowest JDK that it runs on. */
  int lowestJdk = 17;

  /** The highest JDK that it runs on. */
  int highestJdk = Integer.MAX_VALUE;

  /** How many JVMs the server is. */
  int nodes = 1;

  /** Whether the server is killed and started again while the client goes on. */
  boolean killed;

  private Application(String id, String name, String program, String does) {
    this.id = id;
    this.name = name;
    this.program = program;
    this.does = does;
  }

  static Application of(String id, String name, String program, String does) {
    return new Application(id, name, program, does);
  }

  Application boms(String... more) {
    boms.addAll(List.of(more));
    return this;
  }

  Application with(String... more) {
    artifacts.addAll(List.of(more));
    return this;
  }

  Application options(String... more) {
    options.addAll(List.of(more));
    return this;
  }

  Application optionsBefore(String... more) {
    optionsBefore.addAll(List.of(more));
    return this;
  }

  Application from(int jdk) {
    lowestJdk = jdk;
    return this;
  }

  Application upTo(int jdk) {
    highestJdk = jdk;
    return this;
  }

  Application nodes(int count) {
    nodes = count;
    return this;
  }

  Application killedUnderLoad() {
    killed = true;
    return this;
  }

  /** As JUnit shows it. */
  @Override
  public String toString() {
    return id;
  }
}
