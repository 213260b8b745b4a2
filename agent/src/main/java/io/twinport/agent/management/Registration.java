package io.twinport.agent.management;

import io.twinport.core.Switch;
import io.twinport.registry.Registry;
import java.lang.management.ManagementFactory;
import javax.management.InstanceAlreadyExistsException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;

/** Registers our MXBeans in the platform's MBean server. */
final class Registration {
  private static final String DOMAIN = "io.twinport:type=";

  private Registration() {}

  /**
   * Registers them once.
   *
   * @param make whether to make the platform's MBean server if it is not there
   * @return whether they are registered; false if that server is not there
   */
  static synchronized boolean register(boolean make) {
    try {
      MBeanServer server = make ? ManagementFactory.getPlatformMBeanServer() : platforms();
      if (server == null) {
        return false;
      }
      Registry registry = Registry.shared();
      register(server, new SwitchBean(registry), DOMAIN + "Switch");
      for (String provider : Switch.configuredProviders()) {
        register(
            server, new ProviderBean(provider, registry), DOMAIN + "Provider,name=" + provider);
      }
      return true;
    } catch (JMException | ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void register(MBeanServer server, Object bean, String name) throws JMException {
    try {
      server.registerMBean(bean, new ObjectName(name));
    } catch (InstanceAlreadyExistsException e) {
      return; // By another thread, as another class has shown as well that the server is there.
    }
  }

  /**
   * The platform's MBean server, or null. Whoever is making it holds this monitor until it is
   * whole. The class is not initialised for that, in case that nobody wants it.
   */
  private static MBeanServer platforms() throws JMException, ClassNotFoundException {
    ObjectName onlyThere = new ObjectName("java.lang:type=Runtime");
    synchronized (Class.forName("java.lang.management.ManagementFactory", false, null)) {
      for (MBeanServer each : MBeanServerFactory.findMBeanServer(null)) {
        if (each.isRegistered(onlyThere)) {
          return each;
        }
      }
    }
    return null;
  }
}
