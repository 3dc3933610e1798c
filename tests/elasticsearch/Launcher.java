// A real Elasticsearch node started from the published jars: `node.py` assembles the folders and runs this.
// What the official start script adds (security, bootstrap checks, keystore) has no place on a test machine.

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

public final class Launcher {
    /** Arguments: the config folder, the modules folder, then settings as `key=value`. */
    public static void main(String[] arguments) throws Exception {
        Path config = Path.of(arguments[0]);
        Path modules = Path.of(arguments[1]);
        Settings.Builder settings = Settings.builder();
        for (int i = 2; i < arguments.length; i++) {
            String[] setting = arguments[i].split("=", 2);
            settings.put(setting[0], setting[1]);
        }
        Settings built = settings.build();
        LogConfigurator.configureWithoutConfig(built);
        Node node = new Node(
            new Environment(built, config),
            PluginsLoader.createPluginsLoader(PluginsLoader.loadModulesBundles(modules), Set.of(), Map.of(), true)
        );
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node), "node-closer"));
        node.start();
        // Standard input is a pipe held by the process that started this one: its end means that nobody is left to
        // stop the node, so that a killed test run leaves nothing behind.
        while (System.in.read() != -1) {
        }
        System.exit(0);
    }

    private static void close(Node node) {
        try {
            node.prepareForClose();
            node.close();
        } catch (Exception problem) {
            problem.printStackTrace();
        }
    }
}
