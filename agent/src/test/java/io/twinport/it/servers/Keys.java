package io.twinport.it.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Setup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A key and a certificate of its own for the loopback address, for programs that use TLS. */
final class Keys {
  private static final String PASSWORD = "changeit";

  private static Path store;

  private Keys() {}

  /** Has a program use TLS, with that key and trust in it. */
  static Jvm tls(Jvm jvm) throws IOException, InterruptedException {
    jvm.option("-Dtls=true");
    for (String role : List.of("keyStore", "trustStore")) {
      jvm.option("-Djavax.net.ssl." + role + "=" + store());
      jvm.option("-Djavax.net.ssl." + role + "Password=" + PASSWORD);
    }
    return jvm;
  }

  private static synchronized Path store() throws IOException, InterruptedException {
    if (store == null) {
      Path file = Setup.scratch("keys").resolve("keys.p12");
      Finished keytool =
          Finished.run(
              List.of(
                  Setup.JDK.resolve("bin/keytool").toString(),
                  "-genkeypair",
                  "-keystore",
                  file.toString(),
                  "-storetype",
                  "PKCS12",
                  "-storepass",
                  PASSWORD,
                  "-alias",
                  "server",
                  "-keyalg",
                  "EC",
                  "-dname",
                  "CN=localhost",
                  "-ext",
                  "SAN=ip:127.0.0.1"));
      assertEquals(0, keytool.status(), keytool.output() + keytool.errors());
      store = file;
    }
    return store;
  }
}
