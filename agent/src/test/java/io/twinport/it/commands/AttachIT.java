package io.twinport.it.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Eventually;
import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.NetworkNamespace;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code attach}: Twinport comes to a server that runs already. */
@Timeout(240)
class AttachIT {
  @BeforeEach
  void needsTheAgent() {
    Setup.needsSan();
  }

  @Test
  void whatIsOpenedLaterHasATwinAndWhatIsOpenStaysAsItIs() throws Exception {
    try (Program server = server().start();
        Program client = Jvm.of("BlockingEchoClient").start()) {
      int before = server.port(1);
      client.call("open 1 127.0.0.1 " + before);
      Finished attach = attach(server);
      assertEquals(0, attach.status(), attach::toString);
      assertTrue(attach.output().contains("a twin"), attach::toString);
      assertTrue(attach.output().contains("127.0.0.1:" + before), attach::toString);
      assertEquals("", attach.errors());

      for (String kind : List.of("socket", "channel", "async")) {
        int port = (int) server.call("listen " + kind).number("port");
        client.call("open 1 127.0.0.1 " + port);
        assertEquals(0, client.call("echo 4096").number("wrong"));
        San.assertOffTcp(server, port, 1);
      }
      San.assertOnTcp(server, before, 1);
      SwitchStatus status = SwitchStatus.of(server);
      assertEquals("attached", status.json().get("agent"));
      for (int i = 0; i < 3; i++) {
        SwitchStatus.Line listener = status.listeners(server.port(i)).get(0);
        assertEquals("tcp", listener.path());
        assertEquals("outside", listener.reason());
      }
      client.call("close");
    }
  }

  @Test
  void selectorsThatAreOpenServeChannelsThatAreOpenedLater() throws Exception {
    try (Program server = server().start()) {
      assertEquals(100_000, server.call("select " + server.port(0)).number("echoed"));
      assertEquals(0, attach(server).status());
      for (String kind : List.of("socket", "channel", "async")) {
        int port = (int) server.call("listen " + kind).number("port");
        assertEquals(100_000, server.call("select " + port).number("echoed"));
      }
    }
  }

  @Test
  void settingsComeWithIt() throws Exception {
    try (Program server = server().start()) {
      Finished attach = attach(server, "providers=none");
      assertEquals(0, attach.status(), attach::toString);
      assertTrue(attach.output().contains("no provider"), attach::toString);
      assertFalse(attach.output().contains("a twin"), attach::toString);
      int port = (int) server.call("listen channel").number("port");
      assertEquals("no-provider", SwitchStatus.of(server).listeners(port).get(0).reason());
    }
  }

  @Test
  void aProcessThatHasItAlreadyIsLeftAsItIs() throws Exception {
    try (Program server = server().start()) {
      assertEquals(0, attach(server).status());
      assertFails(attach(server), "already");
    }
    try (Program server =
        Jvm.of("BlockingEchoClient").option("-XX:+EnableDynamicAgentLoading").start()) {
      assertFails(attach(server), "already");
      assertFails(attach(server), "already");
      String error = server.takeError();
      assertTrue(error.contains("already"), error);
    }
  }

  @Test
  void ofTwoThatComeAtOnceOneIsToldThatItsSettingsAreNotTheOnes() throws Exception {
    try (Program server = server().start()) {
      server.ignoreErrors(line -> line.contains("is in this process already"));
      List<String> settings = List.of("wait=block", "wait=spin");
      List<CompletableFuture<Finished>> both = new ArrayList<>();
      for (String each : settings) {
        both.add(CompletableFuture.supplyAsync(() -> attachUnchecked(server, each)));
      }
      int first = both.get(0).get().status() == 0 ? 0 : 1;
      Finished done = both.get(first).get();
      assertEquals(0, done.status(), done::toString);
      assertFails(both.get(1 - first).get(), "process " + server.pid() + " has ");
      Finished status = Jvm.command("status", "--json", Long.toString(server.pid()));
      String effective = settings.get(first).substring("wait=".length());
      assertTrue(
          status.output().replaceAll("\\s", "").contains("\"wait\":{\"value\":\"" + effective),
          status::toString);
    }
  }

  /** In containers that share their network, every server is process 1. */
  @Test
  void anotherProcessOfTheSameNumberIsNotTakenForIt() throws Exception {
    Setup.needsRoot();
    try (Program other = contained(Jvm.of("SelectorEchoServer", "127.0.0.1/0")).start();
        Program server = contained(server()).start()) {
      Eventually.within(
          Duration.ofSeconds(10),
          SwitchStatus::all,
          all -> all.stream().anyMatch(status -> status.pid() == 1));
      Finished attach = attach(server);
      assertEquals(0, attach.status(), attach::toString);
      assertTrue(attach.output().contains("127.0.0.1:" + server.port(0)), attach::toString);
      assertFails(attach(server), "already");
      assertFails(attach(other), "already");
    }
  }

  private static Jvm contained(Jvm jvm) {
    return jvm.through("unshare", "--pid", "--mount", "--mount-proc", "--fork", "--kill-child")
        .option("-XX:-UsePerfData");
  }

  @Test
  void aProcessInAnotherNetworkIsAttachedToFromThere() throws Exception {
    try (NetworkNamespace network = NetworkNamespace.open();
        Program server = server().through(network.enter()).start()) {
      String pid = Long.toString(server.pid());
      assertFails(attach(server), "nsenter -t " + pid + " -n");
      List<String> nsenter = List.of("nsenter", "-t", pid, "-n");
      Finished there = Jvm.command(nsenter, "attach", pid);
      assertEquals(0, there.status(), there::toString);
    }
  }

  @Test
  void whatCannotBeAttachedToIsSaidInALine() throws Exception {
    assertFails(Jvm.command("attach", "4194305"), "no process");
    Process sleeper = new ProcessBuilder("sleep", "100").start();
    try {
      assertFails(Jvm.command("attach", Long.toString(sleeper.pid())), "is not a JVM");
      assertTrue(sleeper.isAlive(), "and is none the worse");
    } finally {
      sleeper.destroy();
    }
    try (Program closed = server().option("-XX:+DisableAttachMechanism").start()) {
      assertFails(attach(closed), "attach");
    }
  }

  private static Jvm server() {
    return Jvm.of("GrowingServer").withoutAgent().option("-XX:+EnableDynamicAgentLoading");
  }

  private static Finished attach(Program program, String... settings) throws Exception {
    String pid = Long.toString(program.pid());
    return settings.length == 0
        ? Jvm.command("attach", pid)
        : Jvm.command("attach", pid, settings[0]);
  }

  private static Finished attachUnchecked(Program program, String settings) {
    try {
      return attach(program, settings);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertFails(Finished attach, String what) {
    assertEquals(1, attach.status(), attach::toString);
    assertEquals(1, attach.errors().lines().count(), attach::toString);
    assertTrue(attach.errors().contains(what), attach::toString);
  }
}
