import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.SearchResult;
import com.unboundid.ldap.sdk.SearchScope;
import java.net.InetAddress;
import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.directory.DirContext;
import javax.naming.directory.InitialDirContext;

/** UnboundID's directory, with its own client and that of the JDK (JNDI). */
final class Ldap {
  private static final int ENTRIES = 200;

  private Ldap() {}

  public static void main(String[] arguments) throws Exception {
    Side.run(arguments, Ldap::server, Ldap::client);
  }

  private static AutoCloseable server(Side side) throws Exception {
    InMemoryDirectoryServerConfig config = new InMemoryDirectoryServerConfig("dc=example,dc=com");
    config.setSchema(null);
    config.setListenerConfigs(
        InMemoryListenerConfig.createLDAPConfig(
            "default", InetAddress.getByName("127.0.0.1"), side.port(), null));
    InMemoryDirectoryServer server = new InMemoryDirectoryServer(config);
    server.add("dn: dc=example,dc=com", "objectClass: top", "objectClass: domain", "dc: example");
    server.startListening();
    return () -> server.shutDown(true);
  }

  private static String client(Side side) throws Exception {
    try (LDAPConnection connection = new LDAPConnection("127.0.0.1", side.port())) {
      for (int i = 0; i < ENTRIES; i++) {
        connection.add(
            "dn: cn=entry" + i + ",dc=example,dc=com", "objectClass: device", "cn: entry" + i);
      }
      SearchResult found =
          connection.search("dc=example,dc=com", SearchScope.SUB, "(objectClass=device)");
      Hashtable<String, String> environment = new Hashtable<>();
      environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.ldap.LdapCtxFactory");
      environment.put(Context.PROVIDER_URL, "ldap://127.0.0.1:" + side.port());
      DirContext context = new InitialDirContext(environment);
      for (int i = 0; i < ENTRIES; i++) {
        Object name = context.getAttributes("cn=entry" + i + ",dc=example,dc=com").get("cn").get();
        Side.check(("entry" + i).equals(name), "entry " + i + " is " + name);
      }
      context.close();
      for (int i = 0; i < ENTRIES; i++) {
        connection.delete("cn=entry" + i + ",dc=example,dc=com");
      }
      return found.getEntryCount() + " entries";
    }
  }
}
