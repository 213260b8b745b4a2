package io.twinport.it.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.twinport.config.KernelFile;
import io.twinport.it.support.Answer;
import io.twinport.it.support.Eventually;
import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.ProcFs;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A server whose clients mean harm, and a client that dials liars. Two honest clients of the same
 * server, one on the SAN and one on TCP, go on talking meanwhile: every byte comes back, and in its
 * time. Another one comes while the attack is on. When the attacker has gone nothing of it is left.
 *
 * <p>How long an echo may take is judged beside a pair that has no part in any of this, neither
 * victim nor Twinport: what it suffers at the same time is the machine's doing. An attack by which
 * somebody waits for too long is tried again, and fails for good the third time; for everything
 * else there is one try.
 */
@Tag("on-one-jdk")
@Timeout(300)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(OrderAnnotation.class)
class HostileIT {
  private static final String USER = "12345";
  private static final String OTHER = "12346";
  private static final int MAX_MIB = 64;
  private static final int HEAP_MIB = 128;
  private static final int TRIES = 3;
  private static final long MOST_MICROS = 100_000;

  /** Of a process that starts the SAN: far less than it would wait for an answer. */
  private static final long MOST_CONNECT_MICROS = 5_000_000;

  /** What the honest client waits for a server that says nothing. */
  private static final int DIAL_MILLIS = 300;

  /** Such timers are looked at five times a second. */
  private static final long MOST_DIAL_MICROS = 1000 * (DIAL_MILLIS + 500);

  private static final int DIALS = 3;
  private static final int WARM_UP_DIALS = 100;
  private static final int MANY_BYTES = 1 << 20;
  private static final int MESSAGES = 64;

  private static final Duration ATTACK = Duration.ofMillis(1_500);
  private static final Duration CLEANED_WITHIN = Duration.ofSeconds(15);

  /** A process that has run so long can be asked for its status, whatever comes then. */
  private static final Duration READY_WITHIN = Duration.ofSeconds(2);

  private static final Duration HOARDS_FOR = Duration.ofSeconds(6);

  /** The JVM's own mappings come and go: stacks, and pieces of the heap. */
  private static final int MAPPINGS_SLACK = 100;

  private static final Pattern SHARED = Pattern.compile("(\\d+) KiB of \\d+ KiB shared memory");
  private static final String CLOSING = "twinport-close";
  private static final int MOST_CLOSING = 4;

  /** How a client comes in during an attack. */
  private enum Newcomer {
    ON_THE_SAN,
    ON_TCP,
    ON_EITHER
  }

  /** What the victim holds that it could keep. */
  private record Holdings(int descriptors, int shared, int mappings, int threads, int closing) {
    static Holdings of(Program program) throws IOException {
      List<String> threads = ProcFs.ownThreads(program.pid());
      int closing = (int) threads.stream().filter(CLOSING::equals).count();
      return new Holdings(
          ProcFs.descriptors(program.pid()),
          ProcFs.mappings(program.pid(), "memfd:").size(),
          ProcFs.mappings(program.pid(), "").size(),
          threads.size() - closing,
          closing);
    }

    boolean exceeds(Holdings then) {
      return descriptors > then.descriptors
          || shared > then.shared
          || mappings > then.mappings + MAPPINGS_SLACK
          || threads > then.threads
          || closing > MOST_CLOSING;
    }
  }

  /** The longest echoes of the honest clients, and of the pair that has no part in it. */
  private record Delays(long san, long tcp, long beside) {
    static final Delays NONE = new Delays(0, 0, 0);

    Delays and(long ofSan, long ofTcp, long ofBeside) {
      return new Delays(Math.max(san, ofSan), Math.max(tcp, ofTcp), Math.max(beside, ofBeside));
    }

    boolean isClean() {
      return Math.max(san, tcp) <= MOST_MICROS + beside;
    }
  }

  private Program victim;
  private Program beside;
  private Program san;
  private Program tcp;

  // Since it was calm:
  private Delays longest = Delays.NONE;

  /** Whether a connect past a liar took too long. */
  private boolean late;

  @BeforeAll
  void start() throws Exception {
    Setup.needsSan();
    Setup.needsRoot();
    for (Path file : List.of(Setup.JAR, Setup.library("attacker"))) {
      List<String> readable = new ArrayList<>(List.of(as(USER)));
      readable.addAll(List.of("test", "-r", file.toString()));
      Finished look = Finished.run(readable);
      Setup.needs(look.status() == 0, "folder that other users may read: " + file);
    }
    victim =
        Jvm.of("SelectorEchoServer", "127.0.0.1/0")
            .option("-Xmx" + HEAP_MIB + "m")
            .twinport("shm.max-bytes", MAX_MIB + "m")
            .through(as(USER))
            .start();
    beside = Jvm.of("SelectorEchoServer", "127.0.0.1/0").withoutAgent().through(as(USER)).start();
    san =
        Jvm.of("PacedEcho", at(victim))
            .twinport("shm.connect-millis", Integer.toString(DIAL_MILLIS))
            .through(as(USER))
            .start();
    tcp = Jvm.of("PacedEcho", at(victim), at(beside)).withoutAgent().through(as(USER)).start();
    assertEquals(2, ProcFs.established(victim, victim.port()).size());
    // What is made once and kept is made by now.
    try (Program client = Jvm.of("BlockingEchoClient").through(as(USER)).start()) {
      comes(client, Newcomer.ON_THE_SAN);
    }
    // Two threads of its own may wait at the same time.
    for (int i = 0; i < WARM_UP_DIALS; i++) {
      san.call("dial 127.0.0.1 " + victim.port());
    }
    look();
  }

  @AfterAll
  void noThreadIsLeft() throws Exception {
    if (victim != null) {
      Eventually.within(
          CLEANED_WITHIN, () -> Holdings.of(victim), holdings -> holdings.closing() == 0);
    }
    for (Program program : Arrays.asList(tcp, san, beside, victim)) {
      if (program != null) {
        program.close();
      }
    }
  }

  // -- Clients

  /** Whoever has no business here may not so much as leave a descriptor. */
  @Test
  @Order(1)
  void anotherUserKnocks() throws Exception {
    assumeDescriptorsAreKeptOff();
    attack(OTHER, Newcomer.ON_THE_SAN, "knock", name(), control());
  }

  @Test
  @Order(1)
  void aClientKnocksWithDescriptorsThatTakeForEverToClose() throws Exception {
    assumeDescriptorsAreKeptOff();
    attack(USER, Newcomer.ON_THE_SAN, "knock", name(), control());
  }

  private static void assumeDescriptorsAreKeptOff() {
    Matcher version =
        Pattern.compile("(\\d+)\\.(\\d+).*").matcher(System.getProperty("os.version"));
    assumeTrue(
        version.matches()
            && 1000 * Integer.parseInt(version.group(1)) + Integer.parseInt(version.group(2))
                >= 6016,
        "this kernel (before 6.16) keeps no descriptors off");
  }

  /** Those that are let in can keep all closing threads busy; then clients go by TCP. */
  @Test
  @Order(1)
  void aClientSendsDescriptorsThatTakeForEverToClose() throws Exception {
    victim.ignoreErrors(line -> line.contains("] shm: new clients go by TCP"));
    attack(USER, Newcomer.ON_TCP, "linger", port(victim));
  }

  @ParameterizedTest
  @ValueSource(ints = {4 << 10, 256 << 10})
  @Order(1)
  void oneMemoryIsMappedManyTimes(int bytes) throws Exception {
    attack(USER, Newcomer.ON_THE_SAN, "map", port(victim), Integer.toString(bytes));
  }

  @Test
  @Order(1)
  void aClientAbusesWires() throws Exception {
    attack(USER, Newcomer.ON_THE_SAN, "wires", port(victim));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10})
  @Order(1)
  void aClientAttachesWithoutEnd(int links) throws Exception {
    attack(USER, Newcomer.ON_EITHER, "attach", port(victim), Integer.toString(links));
  }

  @Test
  @Order(1)
  void aClientLeavesAnswersLying() throws Exception {
    attack(USER, Newcomer.ON_EITHER, "unread", port(victim));
  }

  @Test
  @Order(1)
  void connectsWithoutAWord() throws Exception {
    attack(USER, Newcomer.ON_EITHER, "silent", port(victim));
  }

  @Test
  @Order(1)
  void aClientSendsWiresWithoutEnd() throws Exception {
    attack(USER, Newcomer.ON_THE_SAN, "bells", port(victim));
  }

  /** What a peer keeps of the victim's memory counts as the victim's, and has a limit. */
  @Test
  @Order(2)
  void aClientKeepsWhatTheVictimHasGivenUp() throws Exception {
    Holdings before = Holdings.of(victim);
    long sharedBefore = sharedKib(victim);
    long most = ((long) MAX_MIB + 2) << 20; // The smallest pieces go past the limit.
    try (Program attacker = attacker(USER, "hoard", port(victim))) {
      attacker.call("begin");
      long end = System.nanoTime() + HOARDS_FOR.toNanos();
      Eventually.within(
          CLEANED_WITHIN,
          () -> attacker.call("tell").number("done"),
          kept -> kept > 4 * most || System.nanoTime() - end > 0);
      long kept = attacker.call("tell").number("done");
      long counted = sharedKib(victim);
      System.out.println("hostile, hoard: " + (kept >> 20) + " MiB kept, counted " + counted);
      look();
      assertTrue(kept <= most, () -> kept + " bytes are kept, of " + most);
      assertTrue(counted >= kept >> 10, () -> kept + " bytes are kept, and counted " + counted);
    }
    awaitHoldings(victim, before);
    awaitShared(victim, sharedBefore);
  }

  // -- Servers

  /** A name may be anybody's; who has it is asked before anything is said. */
  @Test
  @Order(1)
  void anotherUserHoldsTheName() throws Exception {
    lie(OTHER, "linger");
  }

  @ParameterizedTest
  @ValueSource(strings = {"silent", "linger", "wires", "short"})
  @Order(1)
  void theServerLies(String how) throws Exception {
    lie(USER, how);
  }

  // -- The victim has no memory left

  @Test
  @Order(1)
  void aServerWithAFullHeap() throws Exception {
    try (Program server = starving("FullHeapServer", "127.0.0.1/0");
        Program onSan = Jvm.of("BlockingEchoClient").through(as(USER)).start();
        Program onTcp = Jvm.of("PacedEcho", at(server)).withoutAgent().through(as(USER)).start()) {
      onSan.call("open 4 127.0.0.1 " + server.port());
      assertEquals(2, ProcFs.established(server, server.port()).size());
      TimeUnit.MILLISECONDS.sleep(READY_WITHIN.toMillis());
      server.send("fill 2000");
      // Asked for the first time now, it may have no memory to answer with; that must not last.
      Jvm.command("status", Long.toString(server.pid()));
      for (int bytes = MANY_BYTES; bytes > 0; bytes -= MANY_BYTES / MESSAGES) {
        assertEquals(0, onSan.call("echo " + bytes).number("wrong"));
      }
      System.out.println("hostile, server with a full heap: " + server.answer("fill").line());
      assertEquals(4 + 1, SwitchStatus.of(server).connections(server.port()).size());
      assertEquals(0, onSan.call("echo " + MANY_BYTES).number("wrong"));
      assertHonest(onTcp.call("stats"), 0);
    }
  }

  @Test
  @Order(1)
  void aClientWithAFullHeap() throws Exception {
    measured(
        victim,
        "client with a full heap",
        () -> {
          try (Program client = starving("PacedEcho", at(victim))) {
            calm();
            Answer starved = client.call("starve 40 127.0.0.1 " + victim.port());
            System.out.println("hostile, client with a full heap: " + starved.line());
            assertEquals(0, starved.number("wrong"));
            assertTrue(starved.number("errors") > 0, "there was memory enough");
            assertHonest(client.call("stats"), 0);
          }
        });
  }

  /** A program with little memory, and what JVM and agent say when that is used up is no news. */
  private static Program starving(String app, String argument) throws IOException {
    Program program =
        Jvm.of(app, argument)
            .option("-Xmx12m")
            .option("-XX:+UseSerialGC")
            .option("-XX:-UseTLAB")
            .through(as(USER))
            .start();
    program.ignoreErrors(
        line -> line.startsWith("twinport: ") || line.startsWith("*** java.lang.instrument"));
    return program;
  }

  // --

  private interface Work {
    void run() throws Exception;
  }

  /** A client of the victim's attacks it, and one that is honest comes. */
  private void attack(String user, Newcomer how, String... words) throws Exception {
    measured(
        victim,
        String.join(" ", user, words[0]),
        () -> {
          try (Program attacker = attacker(user, words);
              Program client = Jvm.of("BlockingEchoClient").through(as(USER)).start()) {
            calm();
            attacker.call("begin");
            comes(client, how);
            lasts();
            assertMappings();
            assertTrue(attacker.call("tell").number("done") > 0, "nothing was done");
          }
          Eventually.within(
              CLEANED_WITHIN, () -> ProcFs.isListening(victim.pid(), name()), listens -> listens);
        });
  }

  /** The honest client dials a server that has no twin, but somebody who pretends to be it. */
  private void lie(String user, String how) throws Exception {
    measured(
        san,
        String.join(" ", user, "lies", how),
        () -> {
          try (Program attacker = attacker(user, "squat", port(beside), how)) {
            calm();
            attacker.call("begin");
            for (int i = 0; i < DIALS; i++) {
              Answer dialled = san.call("dial 127.0.0.1 " + beside.port());
              assertEquals("true", dialled.text("equal"));
              late |= dialled.number("micros") > MOST_DIAL_MICROS;
            }
            assertTrue(attacker.call("tell").number("done") > 0, "nobody has dialled the liar");
          }
        });
  }

  /** Has something done to {@code whom}, until the honest clients do not suffer from it. */
  private void measured(Program whom, String what, Work work) throws Exception {
    for (int i = 1; ; i++) {
      Holdings before = Holdings.of(whom);
      long sharedBefore = sharedKib(whom);
      calm();
      work.run();
      awaitHoldings(whom, before);
      Delays delays = look();
      boolean tooLate = late;
      System.out.println("hostile, " + what + ": " + delays + (tooLate ? ", late" : ""));
      awaitShared(whom, sharedBefore);
      if (delays.isClean() && !tooLate) {
        return;
      }
      assertTrue(i < TRIES, () -> what + ": " + delays + (tooLate ? ", late" : ""));
    }
  }

  private void comes(Program client, Newcomer how) throws Exception {
    Answer opened = client.call("open 1 127.0.0.1 " + victim.port());
    assertTrue(opened.number("micros") <= MOST_CONNECT_MICROS, opened::line);
    assertEquals(0, client.call("echo 4096").number("wrong"));
    if (how != Newcomer.ON_EITHER) {
      long ends = how == Newcomer.ON_TCP ? 4 : 2;
      // While other connections come and go the kernel's list may show one twice.
      Eventually.within(
          CLEANED_WITHIN,
          () -> ProcFs.established(victim, victim.port()).stream().distinct().toList(),
          rows -> rows.size() == ends);
    }
  }

  /** Peers' memory is a part of what the victim has mapped. */
  private void assertMappings() throws IOException {
    int most = KernelFile.mostMappings(65_530);
    int mappings = Holdings.of(victim).mappings();
    assertTrue(mappings < most / 2, () -> mappings + " mappings of " + most);
  }

  /** The attack goes on for a while, in which the honest clients get on. */
  private void lasts() throws Exception {
    long end = System.nanoTime() + ATTACK.toNanos();
    Eventually.within(CLEANED_WITHIN, System::nanoTime, now -> now - end > 0);
    look();
  }

  /** What comes now is measured. */
  private void calm() throws IOException {
    look();
    longest = Delays.NONE;
    late = false;
  }

  /** The longest delays so far; nobody has got a wrong byte or an error, and all get on. */
  private Delays look() throws IOException {
    Answer ofSan = san.call("stats");
    Answer ofTcp = tcp.call("stats");
    assertHonest(ofSan, 0);
    assertHonest(ofTcp, 0);
    assertHonest(ofTcp, 1);
    longest =
        longest.and(ofSan.number("micros0"), ofTcp.number("micros0"), ofTcp.number("micros1"));
    return longest;
  }

  private static void assertHonest(Answer stats, int line) {
    assertEquals(0, stats.number("wrong" + line), stats::line);
    assertEquals("none", stats.text("failure" + line), stats::line);
  }

  private static void awaitHoldings(Program whom, Holdings before) throws Exception {
    try {
      Eventually.within(
          CLEANED_WITHIN, () -> Holdings.of(whom), holdings -> !holdings.exceeds(before));
    } catch (AssertionError e) {
      throw new AssertionError(
          "before: " + before + ", open: " + ProcFs.descriptorTargets(whom.pid()), e);
    }
  }

  private static void awaitShared(Program whom, long before) throws Exception {
    Eventually.within(CLEANED_WITHIN, () -> sharedKib(whom), now -> now <= before);
  }

  /** KiB of memory that a program says it shares. */
  private static long sharedKib(Program whom) throws Exception {
    String details = ((Map<?, ?>) SwitchStatus.of(whom).json().get("details")).toString();
    Matcher shared = SHARED.matcher(details);
    assertTrue(shared.find(), details);
    return Long.parseLong(shared.group(1));
  }

  private String name() {
    return "twinport/2/127.0.0.1:" + victim.port();
  }

  private String control() throws IOException {
    String begin = "@twinport/control/1/" + victim.pid() + "-";
    String name =
        ProcFs.abstractNames(victim.pid()).stream()
            .filter(each -> each.startsWith(begin))
            .findFirst()
            .orElseThrow();
    return name.replace("@", "");
  }

  private static String at(Program server) {
    return "127.0.0.1/" + server.port();
  }

  private static String port(Program server) {
    return Integer.toString(server.port());
  }

  private static Program attacker(String user, String... words) throws IOException {
    return Jvm.attacker(words).through(as(user)).start();
  }

  private static String[] as(String user) {
    return new String[] {"setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--"};
  }
}
