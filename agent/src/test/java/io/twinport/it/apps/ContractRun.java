package io.twinport.it.apps;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.twinport.registry.Registry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs suites of JUnit's in this JVM and writes a line for every test: {@code ok}, {@code failed},
 * {@code aborted} or {@code skipped}, the contract and method, and what it says. Lines that belong
 * to the one before begin with a tab.
 */
public final class ContractRun {
  private ContractRun() {}

  /** Takes the file to write, and the names of the suites. */
  public static void main(String[] arguments) throws IOException {
    String address = System.getProperty("contract.anchor");
    ServerSocketChannel anchor = address == null ? null : listenAt(address);
    try (PrintWriter results = new PrintWriter(Files.newBufferedWriter(Path.of(arguments[0])))) {
      LauncherDiscoveryRequest request =
          LauncherDiscoveryRequestBuilder.request()
              .selectors(
                  Arrays.stream(arguments)
                      .skip(1)
                      .map(suite -> selectClass("io.twinport.contract.installed." + suite))
                      .toList())
              .build();
      LauncherFactory.create().execute(request, new Results(results));
      if (Boolean.getBoolean("contract.counters")) {
        Registry.shared()
            .counters()
            .forEach((name, count) -> results.println("counter " + name + " " + count));
      }
      if (anchor != null) {
        anchor.close();
      }
      results.println("end");
    }
    System.exit(0); // Tests that hang must not keep the JVM.
  }

  /**
   * A listener that has a twin though no other has, so that every connect looks for one on the SAN
   * before it takes TCP.
   */
  private static ServerSocketChannel listenAt(String address) throws IOException {
    return ServerSocketChannel.open().bind(new InetSocketAddress(address, 0));
  }

  private static final class Results implements TestExecutionListener {
    private final PrintWriter out;

    Results(PrintWriter out) {
      this.out = out;
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      Throwable thrown = result.getThrowable().orElse(null);
      switch (result.getStatus()) {
        case SUCCESSFUL -> {
          if (test.isTest()) {
            write("ok", test, "");
          }
        }
        case ABORTED -> write("aborted", test, thrown == null ? "" : thrown.getMessage());
        case FAILED -> write("failed", test, thrown == null ? "" : stackOf(thrown));
      }
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
      write("skipped", test, reason);
    }

    private void write(String outcome, TestIdentifier test, String text) {
      String name = test.getDisplayName();
      if (test.getSource().orElse(null) instanceof MethodSource method) {
        name = method.getJavaMethod().getDeclaringClass().getSimpleName() + "." + name;
      }
      out.println(outcome + " " + name + " " + text.strip().replace("\n", "\n\t"));
      out.flush();
    }

    private static String stackOf(Throwable thrown) {
      StringWriter text = new StringWriter();
      thrown.printStackTrace(new PrintWriter(text, true));
      return text.toString();
    }
  }
}
