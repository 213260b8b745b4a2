package io.twinport.agent.start;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LaunchTest {
  private static final Path JAR = Path.of("/opt/twin port/twinport.jar");

  private static boolean needsNoTwin(String module, String command) {
    return Launch.needsNoTwin(module, command, JAR);
  }

  @Test
  void toolsOfTheJdkNeedNoTwin() {
    assertTrue(needsNoTwin("jdk.jcmd", "jdk.jcmd/sun.tools.jcmd.JCmd 17 VM.version"));
    assertTrue(needsNoTwin("jdk.compiler", "jdk.compiler/com.sun.tools.javac.Main A.java"));
    assertTrue(needsNoTwin("java.base", "java.base/sun.security.tools.keytool.Main -list"));
    assertTrue(needsNoTwin("java.rmi", "java.rmi/sun.rmi.registry.RegistryImpl"));
  }

  @Test
  void applicationsNeedOneHoweverTheyAreStarted() {
    assertFalse(needsNoTwin(null, "com.example.Main 8080"));
    assertFalse(needsNoTwin(null, "/opt/app/app.jar"));
    assertFalse(needsNoTwin("com.example", "com.example/com.example.Main"));
    assertFalse(needsNoTwin(null, null));
  }

  @Test
  void aProgramRunFromItsSourceIsAnApplication() {
    String launcher = "jdk.compiler/com.sun.tools.javac.launcher.";
    assertFalse(needsNoTwin("jdk.compiler", launcher + "Main Server.java"));
    assertFalse(needsNoTwin("jdk.compiler", launcher + "SourceLauncher Server.java"));
  }

  @Test
  void theJdksWebServerIsAServer() {
    assertFalse(needsNoTwin("jdk.httpserver", "jdk.httpserver/sun.net.httpserver.simpleserver.J"));
  }

  @Test
  void ourOwnCommandsNeedNone() {
    assertTrue(needsNoTwin(null, JAR + " status 17"));
    assertTrue(needsNoTwin(null, JAR.toString()));
    assertTrue(needsNoTwin(null, "/opt/x/../twin port/twinport.jar demo"));
    assertFalse(needsNoTwin(null, "/opt/other/twinport.jar"));
    assertFalse(needsNoTwin(null, "com.example.Main " + JAR + "x"));
  }
}
