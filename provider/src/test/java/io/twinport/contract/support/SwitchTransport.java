package io.twinport.contract.support;

import io.twinport.aio.TwinAsynchronousChannelProvider;
import io.twinport.core.Switch;
import io.twinport.net.SocketImpls;
import io.twinport.nio.TwinSelectorProvider;
import io.twinport.settings.Settings;
import io.twinport.spi.SanProvider;
import java.io.IOException;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.nio.channels.spi.SelectorProvider;
import java.util.HashMap;
import java.util.Map;
import sun.nio.ch.SanEvents;

/** The switch, with or without a SAN service provider below it. */
public final class SwitchTransport implements Transport {
  private final String name;
  private final TwinSelectorProvider provider;
  private final AsynchronousChannelProvider asynchronous;
  private final PlatformSockets sockets;
  private final boolean san;
  private final boolean fullTwinsSendToTcp;

  private SwitchTransport(String name, Switch owner, boolean san, boolean fullTwinsSendToTcp) {
    this.name = name;
    this.provider = TwinSelectorProvider.of(owner);
    this.asynchronous = TwinAsynchronousChannelProvider.of(owner);
    this.sockets = new PlatformSockets(server -> SocketImpls.make(owner, server));
    this.san = san;
    this.fullTwinsSendToTcp = fullTwinsSendToTcp;
    SanEvents.recorderLoaded(); // The agent says so only once it is true.
  }

  /** The switch with no provider: all is TCP. */
  public static SwitchTransport overTcp() {
    Settings settings = Settings.of(Map.of("providers", "none"));
    return new SwitchTransport("switch-tcp", Switch.of(settings), false, false);
  }

  /** The switch over {@code san}, and TCP for whoever is not on it. */
  public static SwitchTransport over(SanProvider san) {
    return over(san, Map.of());
  }

  /** As {@link #over(SanProvider)}, with more settings, by name without {@code twinport.}. */
  public static SwitchTransport over(SanProvider san, Map<String, String> more) {
    Map<String, String> all = new HashMap<>(more);
    all.put("providers", san.name());
    Settings settings = Settings.of(all);
    return new SwitchTransport(
        "switch-" + san.name(),
        Switch.of(settings, san),
        true,
        "tcp".equals(settings.value("backlog-full")));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public SelectorProvider provider() {
    return provider;
  }

  @Override
  public AsynchronousChannelProvider asynchronousProvider() {
    return asynchronous;
  }

  @Override
  public Socket newSocket() throws IOException {
    return sockets.newSocket();
  }

  @Override
  public Socket newSocket(Proxy proxy) throws IOException {
    return sockets.newSocket(proxy);
  }

  @Override
  public ServerSocket newServerSocket() throws IOException {
    return sockets.newServerSocket();
  }

  @Override
  public boolean san() {
    return san;
  }

  @Override
  public boolean fullTwinsSendToTcp() {
    return fullTwinsSendToTcp;
  }
}
