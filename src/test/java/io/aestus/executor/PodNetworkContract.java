package io.aestus.executor;

import io.aestus.testing.NetworkPlugins;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds of pods in networks made by real plugins, each scenario in a network and mount namespace of its own. */
abstract class PodNetworkContract {
    @TempDir
    Path directory;

    @BeforeAll
    static void requirePlugins() {
        NetworkPlugins.require();
    }

    /** The process in which a scenario is played tells this one nothing of what it makes. */
    @BeforeEach
    void have_the_cgroups_removed() {
        Node.cgroupParent(directory);
    }

    /** The directories of the plugins. */
    abstract List<Path> plugins();

    final void play(NetworkScenario scenario) throws Exception {
        NetworkPlugins.inNamespaceOfItsOwn(
                directory,
                NetworkScenario.class,
                directory.toString(),
                scenario.name(),
                NetworkScenario.words(plugins()));
    }

    @Test
    void pods_reach_each_other_the_host_and_what_is_behind_it_unless_they_are_restricted() throws Exception {
        play(NetworkScenario.TRAFFIC);
    }

    @Test
    void ports_of_the_host_lead_into_a_pod_by_number_and_by_name_until_it_ends() throws Exception {
        play(NetworkScenario.PORTS);
    }

    @Test
    void ports_are_of_tcp_udp_and_sctp_at_one_address_of_the_host_or_all() throws Exception {
        play(NetworkScenario.PROTOCOLS);
    }

    @Test
    void a_range_of_ports_that_an_image_names_leads_in_as_a_whole() throws Exception {
        play(NetworkScenario.RANGE);
    }

    @Test
    void the_metadata_service_of_a_pod_is_reached_by_no_other_pod_and_not_from_the_host() throws Exception {
        play(NetworkScenario.METADATA);
    }

    @Test
    void a_pod_in_several_networks_has_their_addresses_and_name_servers() throws Exception {
        play(NetworkScenario.SEVERAL_NETWORKS);
    }

    @Test
    void what_goes_through_a_pods_interface_is_limited_both_ways() throws Exception {
        play(NetworkScenario.BANDWIDTH);
    }

    @Test
    void a_network_that_refuses_a_pod_leaves_nothing_of_it_in_the_others() throws Exception {
        play(NetworkScenario.REFUSED);
    }

    @Test
    void who_takes_a_pod_over_takes_it_out_of_its_networks_even_if_it_died_meanwhile() throws Exception {
        play(NetworkScenario.OWNER_GONE);
    }

    @Test
    void a_pod_made_ahead_is_in_the_network_that_is_asked_for_as_that_is_now() throws Exception {
        play(NetworkScenario.MADE_AHEAD);
    }

    @Test
    void a_pod_that_is_its_own_but_for_its_network_finds_that_made_ahead() throws Exception {
        play(NetworkScenario.NETWORK_AHEAD);
    }

    @Test
    void a_pod_made_ahead_leaves_its_network_after_its_maker_was_killed() throws Exception {
        play(NetworkScenario.LEFT_AHEAD);
    }
}
