package io.twinport.ucx;

import io.twinport.config.Log;
import io.twinport.host.LocalAddresses;
import io.twinport.host.Starter;
import io.twinport.posix.PosixProcessors;
import io.twinport.spi.AcceptCondition;
import io.twinport.spi.Bell;
import io.twinport.spi.Configuration;
import io.twinport.spi.Processors;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanListener;
import io.twinport.spi.SanProvider;
import io.twinport.spi.SanUnavailableException;
import io.twinport.ucx.UcxSettings.Transport;
import io.twinport.ucx.connection.UcxConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * RDMA between hosts, through UCX. Starts, and loads UCX, when this process listens on an address
 * of an RDMA device, or connects to one in such an address's subnet.
 *
 * <p>Names few classes: where there is no such device, none of the others need to be loaded.
 */
public final class UcxProvider implements SanProvider {
  static final String NAME = UcxConnection.PROVIDER;

  private final Path sysfs;
  private final LocalAddresses addresses = new LocalAddresses();
  private final AtomicBoolean saidThatThereIsNoDevice = new AtomicBoolean();

  // set once, by configure
  private UcxSettings settings;
  private ServedAddresses served;
  private RememberedPeers remembered;
  private Start starter;

  /** Used by {@link java.util.ServiceLoader}. */
  public UcxProvider() {
    this(ServedAddresses.SYSFS);
  }

  /**
   * @param sysfs where RDMA devices are listed
   */
  UcxProvider(Path sysfs) {
    this.sysfs = sysfs;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void configure(Configuration configuration) {
    settings = UcxSettings.read(configuration);
    served = new ServedAddresses(settings, sysfs);
    remembered = new RememberedPeers(TimeUnit.SECONDS.toNanos(settings.retrySeconds()));
    starter = new Start();
  }

  @Override
  public Set<String> settings() {
    return UcxSettings.NAMES;
  }

  @Override
  public boolean serves(InetAddress local) {
    if (!served.anyDevice()) {
      sayThatThereIsNoDevice();
      return false;
    }
    return local.isAnyLocalAddress() || served.serves(local);
  }

  /**
   * In a subnet of an address that is served. Addresses of this host are left to shared memory,
   * where that is enabled.
   */
  @Override
  public boolean reaches(InetAddress destination) {
    if (!served.anyDevice()) {
      sayThatThereIsNoDevice();
      return false;
    }
    return addresses.wasLocal(destination)
        ? served.serves(destination) && !settings.leavesHostToShm()
        : served.reaches(destination);
  }

  private void sayThatThereIsNoDevice() {
    if (!saidThatThereIsNoDevice.getAndSet(true)) {
      Log.warn(
          settings.interfaces().isEmpty() && settings.transport() == Transport.RDMA
              ? "ucx: there is no RDMA device with a network interface in "
                  + sysfs
                  + ", its connections go by TCP: load its driver, or take ucx out of"
                  + " twinport.providers"
              : "ucx: there is no network interface to serve, its connections go by TCP: see"
                  + " twinport.ucx.interfaces");
    }
  }

  // -- listening

  @Override
  public SanListener listen(InetSocketAddress local, int backlog, AcceptCondition condition)
      throws IOException {
    return starter.start().listen(served, local, backlog, condition);
  }

  // -- connecting

  @Override
  public SanConnection connect(InetSocketAddress remote, InetSocketAddress local)
      throws IOException {
    Reason known = remembered.reason(remote, System.nanoTime());
    if (known != null) {
      throw new SanUnavailableException(known);
    }
    if (local != null && settings.transport() == Transport.TCP) {
      // the kernel's TCP would give that port to UCX only once the application's socket is closed
      throw new SanUnavailableException(Reason.BOUND_ADDRESS);
    }
    Dial dial = new Dial(remembered, remote, local);
    starter.connectOnceStarted(dial);
    return dial.connection();
  }

  private final class Start extends Starter<UcxNode, Dial> {
    Start() {
      super(NAME, "UCX", settings.host());
    }

    @Override
    protected UcxNode create() throws IOException {
      return new UcxNode(settings);
    }

    @Override
    protected void connect(UcxNode node, Dial dial) {
      node.execute(() -> dial.begin(node));
    }

    @Override
    protected void fail(Dial dial, IOException why) {
      dial.fail(why);
    }
  }

  // -- waiting

  @Override
  public boolean isStarted() {
    return starter.started() != null;
  }

  @Override
  public void poll(boolean thoroughly) {
    UcxNode node = starter.started();
    if (node != null) {
      node.poll();
    }
  }

  /** Nothing to say: whoever moves the worker on posts to the seats of this process himself. */
  @Override
  public void announceSleep(Bell bell) {}

  @Override
  public void announceAwake(Bell bell) {}

  @Override
  public Processors processors() {
    return isStarted() ? PosixProcessors.INSTANCE : null;
  }

  @Override
  public Map<InetAddress, Reason> refusedHosts() {
    UcxNode node = starter.started();
    return node == null ? Map.of() : node.refusedHosts();
  }

  @Override
  public List<SanConnection> closing() {
    UcxNode node = starter.started();
    return node == null ? List.of() : node.closing();
  }

  @Override
  public String describe() {
    UcxNode node = starter.started();
    return node == null ? "not started" : node.describe();
  }
}
