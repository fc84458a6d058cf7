package io.aestus.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import io.aestus.appc.App;
import io.aestus.appc.DockerOrigin;
import io.aestus.appc.ImageManifest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConversionTest {
    private static ImageManifest converted(String fields, String name) {
        byte[] config = new OciBuild()
                .runs(fields.replace('\'', '"'))
                .on("linux", "amd64")
                .config();
        return Conversion.manifest(
                ImageConfig.read(config), Digest.sha256(config), Optional.of(OciReference.parse(name)));
    }

    @Test
    void what_the_configuration_says_becomes_the_app() {
        ImageManifest manifest = converted("""
                'Entrypoint':['/docker-entrypoint.sh'],'Cmd':['nginx','-g','daemon off;'],'User':'nginx:web',
                'Env':['PATH=/bin','A=b=c','=x','noequals','1bad=x'],'WorkingDir':'srv','StopSignal':'SIGQUIT',
                'Volumes':{'/var/cache':{},'/data/':{},'/data':{},'/proc':{}},
                'ExposedPorts':{'80/tcp':{},'53/udp':{},'9':{},'x':{},'99999/tcp':{}},
                'Labels':{'org.opencontainers.image.title':'N'},'OnBuild':null,'Shell':null""", "nginx:1.27");
        assertEquals("docker.io/library/nginx", manifest.name().value());
        assertEquals("linux", manifest.labels().os().orElseThrow());
        App app = manifest.app().orElseThrow();
        assertEquals(List.of("/docker-entrypoint.sh", "nginx", "-g", "daemon off;"), app.exec());
        assertEquals("nginx", app.user());
        assertEquals("web", app.group());
        assertEquals("/srv", app.workingDirectory().value());
        assertEquals(
                List.of("PATH=/bin", "A=b=c"),
                app.environment().variables().stream().map(Object::toString).toList());
        assertEquals(
                List.of("/var/cache", "/data"),
                app.mountPoints().stream().map(point -> point.path().value()).toList());
        assertEquals(
                List.of("tcp80", "udp53", "tcp9"),
                app.ports().stream().map(port -> port.protocol() + port.port()).toList());
        assertEquals(Map.of("org.opencontainers.image.title", "N"), app.userLabels());
        DockerOrigin origin = DockerOrigin.of(manifest).orElseThrow();
        assertEquals(Optional.of("SIGQUIT"), origin.stopSignal());
        assertEquals(List.of("/docker-entrypoint.sh", "-v"), origin.command(List.of(), List.of("-v")));
        assertEquals(List.of("sh"), origin.command(List.of("sh"), List.of()));
        assertEquals(app.exec(), origin.command(List.of(), List.of()));
    }

    @ParameterizedTest
    @CsvSource({"'', 0, ~", "app, app, ~", "1000, 1000, ~", "1000:50, 1000, 50", "app:, app, ~", ":50, 0, 50"})
    void a_user_without_a_group_has_his_own(String text, String user, String group) {
        App app = converted("'User':'" + text + "'", "nginx").app().orElseThrow();
        assertEquals(user, app.user());
        assertEquals(group, app.group());
    }

    @Test
    void names_become_names_of_appc() {
        assertEquals(
                "localhost-5000/a/b_c/d-e",
                converted("", "localhost:5000/a/b__c/d--e").name().value());
        assertEquals(
                List.of(),
                converted("'Cmd':['sh']", "localhost:5000/a/b__c/d--e").deviations());
    }

    @Test
    void a_user_that_is_none_is_refused() {
        assertThrows(AestusException.class, () -> converted("'User':'a:b:c'", "nginx"));
        assertThrows(AestusException.class, () -> converted("'User':'-x'", "nginx"));
    }
}
