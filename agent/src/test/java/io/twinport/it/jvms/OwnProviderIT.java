package io.twinport.it.jvms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Answer;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import io.twinport.it.support.Setup;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An application that brings a {@code SelectorProvider} keeps it. */
@Timeout(240)
class OwnProviderIT {
  private static final String SERVICE = "java.nio.channels.spi.SelectorProvider";
  private static final String PROVIDER = "io.twinport.it.apps.OwnSelectorProvider";

  @Test
  void namedByTheProperty() throws Exception {
    keepsIt(Jvm.of("OwnProviderClient").option("-D" + SERVICE + "=" + PROVIDER));
  }

  @Test
  void namedAsAService() throws Exception {
    Path folder = Setup.scratch("service");
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(services.resolve(SERVICE), PROVIDER + "\n");
    keepsIt(Jvm.of("OwnProviderClient").with(folder));
  }

  @Test
  void theJdksOwnByNameIsNone() throws Exception {
    try (Program server =
            Jvm.of("AsyncEchoServer", "127.0.0.1/0")
                .option("-D" + SERVICE + "=sun.nio.ch.EPollSelectorProvider")
                .option(
                    "-Djava.nio.channels.spi.AsynchronousChannelProvider="
                        + "sun.nio.ch.LinuxAsynchronousChannelProvider")
                .start();
        Program client =
            Jvm.of("BlockingEchoClient")
                .option("-D" + SERVICE + "=sun.nio.ch.EPollSelectorProvider")
                .start()) {
      client.call("open 1 127.0.0.1 " + server.port());
      assertEquals(0, client.call("echo 4096").number("wrong"));
      San.assertOffTcp(server, server.port(), 1);
    }
  }

  private static void keepsIt(Jvm application) throws Exception {
    application.option("--add-exports=java.base/sun.nio.ch=ALL-UNNAMED");
    try (Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start();
        Program client = application.start()) {
      Answer echo = client.call("echo 127.0.0.1 " + server.port());
      assertEquals(42, echo.number("answer"));
      assertEquals(1, echo.number("opened"), "sockets that the application's provider opened");
      if (Setup.SAN) {
        String told = client.takeError();
        assertTrue(told.contains("SelectorProvider"), told);
      }
    }
  }
}
