package io.twinport.it.apps;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.none;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import java.lang.instrument.Instrumentation;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;

/**
 * An agent as those that watch applications: it rewrites the JDK's socket classes, loaded or not,
 * so that they count their uses in system properties.
 */
public final class RewritingAgent {
  private RewritingAgent() {}

  /** Starts the agent. */
  public static void premain(String arguments, Instrumentation instrumentation) {
    new AgentBuilder.Default()
        .disableClassFormatChanges()
        .with(AgentBuilder.RedefinitionStrategy.RETRANSFORMATION)
        .ignore(none())
        .type(named("java.net.Socket"))
        .transform(
            (builder, type, loader, module, domain) ->
                builder.visit(
                    Advice.to(Connects.class).on(named("connect").and(takesArguments(2)))))
        .type(named("java.net.SocketImpl"))
        .transform(
            (builder, type, loader, module, domain) ->
                builder.visit(Advice.to(Creations.class).on(named("createPlatformSocketImpl"))))
        .installOn(instrumentation);
  }

  private static final class Connects {
    @Advice.OnMethodExit
    static void connected() {
      System.setProperty("seen.connects", Integer.getInteger("seen.connects", 0) + 1 + "");
    }
  }

  private static final class Creations {
    @Advice.OnMethodEnter
    static void created() {
      System.setProperty("seen.creations", Integer.getInteger("seen.creations", 0) + 1 + "");
    }
  }
}
