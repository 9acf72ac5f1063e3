using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Serve.Api.Hosting;
using Serve.Api.Tests.Documents;
using Serve.Api.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace Serve.Api.Tests.Hosting;

/// <summary>No cluster is at hand where these tests run, so they hold the files of <c>deploy/</c> to the image and to the server.</summary>
public partial class DeployTests(ServeFixture serve)
{
    private const string Kubernetes = "kubernetes.yaml";
    private const string KServe = "kserve.yaml";
    private const string Deployment = "Deployment";
    private const string Runtime = "ServingRuntime";

    private static readonly string[] Manifests = [Kubernetes, KServe];

    [Fact]
    public void Every_file_holds_what_its_name_says()
    {
        Assert.Equal(["PersistentVolumeClaim", Deployment, "Service"], Read(Kubernetes).Select(document => Text(document["kind"])));
        Assert.Equal([Runtime, "InferenceService"], Read(KServe).Select(document => Text(document["kind"])));
        Assert.Equal(
            Directory.EnumerateFiles(Path.Combine(TestFiles.Root, "deploy")).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            ((string[])[.. Manifests, "prometheus.yml", "alerts.yml"]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(Kubernetes)]
    [InlineData(KServe)]
    public void Switches_and_settings_are_taken_by_the_server(string file)
    {
        var container = Container(file);
        var switches = CommandLine.Parse([.. EntryPoint(), .. Texts(container["args"])]);
        var settings = Sequence(container["env"]).ToDictionary(entry => Text(entry["name"]).Replace("__", ":", StringComparison.Ordinal), entry => (string?)Text(entry["value"]));
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).AddInMemoryCollection(switches).Build();

        var options = configuration.GetSection(ServeOptions.Section).Get<ServeOptions>(binder => binder.ErrorOnUnknownConfiguration = true)!;

        Assert.False(new ServeOptionsValidator().Validate(null, options).Failed);
        CommandLine.CheckUrls(configuration["urls"]!);
        Assert.All(settings.Keys, name => Assert.True(name.StartsWith("Serve:", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Logging:", StringComparison.Ordinal), name));
    }

    [Theory]
    [InlineData(Kubernetes)]
    [InlineData(KServe)]
    public void The_port_is_the_one_that_the_image_listens_on(string file)
    {
        var urls = CommandLine.Parse(EntryPoint())["urls"]!;

        var port = Assert.Single(Sequence(Container(file)["ports"]))["containerPort"];

        Assert.Equal($"http://0.0.0.0:{Text(port)}", urls);
        Assert.Equal(2, Dockerfile().Count(line => line == $"EXPOSE {Text(port)}"));
    }

    [Theory]
    [InlineData(Kubernetes)]
    [InlineData(KServe)]
    public void Folders_of_the_server_are_places_where_a_volume_lies(string file)
    {
        var container = Container(file);
        var settings = CommandLine.Parse([.. EntryPoint(), .. Texts(container["args"])]);
        var mounts = Sequence(container["volumeMounts"]).ToDictionary(mount => Text(mount["mountPath"]), mount => Text(mount["name"]));
        var volumes = Sequence(Pod(file)["volumes"]).Select(volume => Text(volume["name"])).ToHashSet();

        // KServe mounts the models itself, at this place.
        if (file == KServe)
            Assert.Equal("/mnt/models", settings["Serve:Models"]);
        else
            Assert.Contains(settings["Serve:Models"]!, mounts.Keys);
        Assert.Contains(settings["Serve:Data"]!, mounts.Keys);
        Assert.Contains(settings["Serve:Workspace"]!, mounts.Keys);
        // The root is read-only, and models are opened over copies in the temporary folder.
        Assert.Equal("true", Text(container["securityContext"]["readOnlyRootFilesystem"]));
        Assert.Contains("/tmp", mounts.Keys);
        Assert.Equal(volumes.Order(StringComparer.Ordinal), mounts.Values.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Probes_ask_at_places_that_the_server_answers()
    {
        var probes = Manifests.SelectMany(file => ((YamlMappingNode)Container(file)).Children
            .Where(part => Text(part.Key).EndsWith("Probe", StringComparison.Ordinal)).Select(part => part.Value["httpGet"])).ToList();

        Assert.Equal(5, probes.Count);
        foreach (var probe in probes)
        {
            using var answer = await serve.Client.GetAsync(Text(probe["path"]), TestContext.Current.CancellationToken);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, Text(probe["path"]));
            Assert.Contains(Text(probe["port"]), (string[])["http", "8080"]);
        }
    }

    [Fact]
    public async Task Metrics_are_scraped_where_they_are()
    {
        var prometheus = Assert.Single(Read("prometheus.yml"));
        var annotations = Pod(KServe)["annotations"];

        var paths = Sequence(prometheus["scrape_configs"]).Select(job => Text(job["metrics_path"])).Append(Text(annotations["prometheus.kserve.io/path"])).Distinct();

        var scrape = await serve.Client.GetStringAsync(Assert.Single(paths), TestContext.Current.CancellationToken);
        Assert.Contains("# TYPE serve_models gauge", scrape);
        Assert.Equal("8080", Text(annotations["prometheus.kserve.io/port"]));
        Assert.All(Texts(prometheus["rule_files"]), file => Assert.True(File.Exists(Path.Combine(TestFiles.Root, "deploy", file)), file));
    }

    [Fact]
    public void Alerts_ask_for_metrics_and_labels_that_there_are()
    {
        var documented = OperatingPageTests.Documented().ToDictionary(metric => metric.Name);
        var rules = Sequence(Assert.Single(Read("alerts.yml"))["groups"]).SelectMany(group => Sequence(group["rules"])).ToList();

        var asked = rules.SelectMany(rule => Metric().Matches(Text(rule["expr"]))).ToList();

        Assert.NotEmpty(asked);
        Assert.All(asked, metric =>
        {
            var name = documented.ContainsKey(metric.Groups["name"].Value) ? metric.Groups["name"].Value : HistogramEnding().Replace(metric.Groups["name"].Value, "");
            Assert.Contains(name, documented.Keys);
            if (metric.Groups["label"].Success)
                Assert.Contains(metric.Groups["label"].Value, documented[name].Labels);
        });
    }

    [Fact]
    public void Service_selector_and_claim_name_what_there_is()
    {
        var (claim, deployment, service) = (Read(Kubernetes)[0], Read(Kubernetes)[1], Read(Kubernetes)[2]);
        var labels = deployment["spec"]["template"]["metadata"]["labels"];

        Assert.Equal(labels, deployment["spec"]["selector"]["matchLabels"]);
        Assert.Equal(labels, service["spec"]["selector"]);
        Assert.Equal(Text(Container(Kubernetes)["ports"][0]["name"]), Text(service["spec"]["ports"][0]["targetPort"]));
        Assert.Contains(Sequence(Pod(Kubernetes)["volumes"]), volume => volume is YamlMappingNode map
            && map.Children.TryGetValue("persistentVolumeClaim", out var used) && Text(used["claimName"]) == Text(claim["metadata"]["name"]));
        Assert.StartsWith($"pvc://{Text(claim["metadata"]["name"])}/", Text(Read(KServe)[1]["spec"]["predictor"]["model"]["storageUri"]));
    }

    [Fact]
    public void The_user_is_that_of_the_image_and_has_no_rights()
    {
        Assert.Equal(2, Dockerfile().Count(line => line.Contains("useradd --system --uid 10001 ", StringComparison.Ordinal)));
        Assert.Equal("10001", Text(Pod(Kubernetes)["securityContext"]["runAsUser"]));
        Assert.Equal("10001", Text(Container(KServe)["securityContext"]["runAsUser"]));
        Assert.All(Manifests, file => Assert.Equal("false", Text(Container(file)["securityContext"]["allowPrivilegeEscalation"])));
    }

    [Fact]
    public void The_runtime_of_KServe_speaks_the_protocol_that_its_service_asks_for()
    {
        var (runtime, service) = (Read(KServe)[0], Read(KServe)[1]);
        var model = service["spec"]["predictor"]["model"];

        Assert.Equal(Text(runtime["metadata"]["name"]), Text(model["runtime"]));
        Assert.Equal(Text(model["protocolVersion"]), Assert.Single(Texts(runtime["spec"]["protocolVersions"])));
        Assert.Equal(Text(runtime["spec"]["supportedModelFormats"][0]["name"]), Text(model["modelFormat"]["name"]));
        Assert.Equal("kserve-container", Text(Container(KServe)["name"]));
        // The service's name is its model's, which is bundled here.
        Assert.True(Directory.Exists(Path.Combine(TestFiles.Root, "models", Text(service["metadata"]["name"]))));
    }

    private static YamlNode Pod(string file) => file == Kubernetes ? Read(Kubernetes)[1]["spec"]["template"]["spec"] : Read(KServe)[0]["spec"];

    private static YamlNode Container(string file) => Assert.Single(Sequence(Pod(file)["containers"]));

    private static YamlNode[] Read(string file)
    {
        var stream = new YamlStream();
        using var reader = File.OpenText(Path.Combine(TestFiles.Root, "deploy", file));
        stream.Load(reader);
        return [.. stream.Documents.Select(document => document.RootNode)];
    }

    private static IEnumerable<YamlNode> Sequence(YamlNode node) => ((YamlSequenceNode)node).Children;

    private static string[] Texts(YamlNode node) => [.. Sequence(node).Select(Text)];

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    private static string[] Dockerfile() => File.ReadAllLines(Path.Combine(TestFiles.Root, "Dockerfile"));

    /// <summary>The switches that the image starts the server with.</summary>
    private static string[] EntryPoint()
        => [.. JsonSerializer.Deserialize<string[]>(Dockerfile().First(line => line.StartsWith("ENTRYPOINT ", StringComparison.Ordinal))["ENTRYPOINT ".Length..])!.Skip(2)];

    // name, or name{label=
    [GeneratedRegex(@"(?<name>serve_[a-z_]+)(?:\{(?<label>[a-z_]+)=)?")]
    private static partial Regex Metric();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex HistogramEnding();
}
