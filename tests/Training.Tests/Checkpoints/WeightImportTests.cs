using System.Globalization;
using Serve.Eval;
using Serve.Training.Models;
using Serve.Training.Models.Backbones;
using Serve.Training.Models.Fcos;
using Serve.Training.Models.Layers;
using Serve.Training.Runs;
using static TorchSharp.torch;

namespace Serve.Training.Checkpoints;

public sealed class WeightImportTests
{
    private static readonly FcosOptions Options = new() { CategoryCount = 2, Backbone = new() { Depth = 18, Width = 8, Norm = Norm.Batch } };

    [Theory]
    [InlineData("")]
    [InlineData("module.")]
    [InlineData("backbone.body.")]
    public void Torchvision_keys_fit_with_any_prefix(string prefix)
    {
        using var folder = TestFiles.NewFolder();
        using var scope = NewDisposeScope();
        var (weights, backbone) = (State(1), State(2));
        var file = weights.ToDictionary(entry => prefix + entry.Key, entry => entry.Value);
        file[$"{prefix}fc.weight"] = rand(1000, 64);
        file[$"{prefix}bn1.num_batches_tracked"] = tensor(5L);
        TorchFile.Write(folder.File("resnet.pth"), file);

        var report = WeightImport.Into(backbone, Options, folder.File("resnet.pth"));

        AssertSame(weights, backbone);
        Assert.Equal(("torchvision", prefix, weights.Count), (report.Layout, report.Prefix, report.Taken));
        Assert.Equal([$"{prefix}fc.weight"], report.LeftOver);
        Assert.StartsWith($"resnet.pth: torchvision keys{(prefix.Length > 0 ? $" behind \"{prefix}\"" : "")}, {weights.Count} tensors of the backbone found.", report.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Detectron2_keys_fit_and_the_report_says_what_they_do_not_tell()
    {
        using var folder = TestFiles.NewFolder();
        using var scope = NewDisposeScope();
        var options = Options with { Backbone = new() { Depth = 50, Width = 8, Norm = Norm.FrozenBatch } };
        var (weights, backbone) = (State(1, options), State(2, options));
        var file = weights.ToDictionary(entry => $"backbone.bottom_up.{Detectron2Name(entry.Key)}", entry => entry.Value.to(float16));
        file["proposal_generator.rpn_head.conv.weight"] = rand(3);
        TorchFile.Write(folder.File("model_final.pth"), file);

        var report = WeightImport.Into(backbone, options, folder.File("model_final.pth"));

        AssertSame(weights.ToDictionary(entry => entry.Key, entry => entry.Value.to(float16).to(float32)), backbone);
        Assert.Equal(("detectron2", "backbone.bottom_up."), (report.Layout, report.Prefix));
        Assert.Empty(report.LeftOver);
        Assert.Equal(["Stored as Float16, used as Float32.", "Detectron2's keys do not tell where blocks have their stride"], [report.Notes[0], report.Notes[1][..60]]);
    }

    [Theory]
    [InlineData(BackboneKind.Res2Net, "res2net")]
    [InlineData(BackboneKind.ResNet, "torchvision")]
    public void Deep_stems_and_shortcuts_that_take_means_have_other_numbers_in_published_files(BackboneKind kind, string layout)
    {
        using var folder = TestFiles.NewFolder();
        using var scope = NewDisposeScope();
        var options = Options with { Backbone = Deep with { Kind = kind } };
        var (weights, backbone) = (State(1, options), State(2, options));
        var file = weights.ToDictionary(entry => DeepName(entry.Key), entry => entry.Value);
        file["fc.weight"] = rand(1000, 64);
        TorchFile.Write(folder.File("v1b.pth"), file);

        var report = WeightImport.Into(backbone, options, folder.File("v1b.pth"));

        AssertSame(weights, backbone);
        Assert.Equal((layout, weights.Count), (report.Layout, report.Taken));
        Assert.Equal(["fc.weight"], report.LeftOver);
        string[] stem = ["conv1.0.weight", "conv1.1.weight", "conv1.3.weight", "conv1.4.weight", "conv1.6.weight", "bn1.weight", "layer1.0.downsample.1.weight", "layer1.0.downsample.2.bias"];
        Assert.All(stem, name => Assert.Contains(name, file.Keys));
    }

    [Fact]
    public void Res2Net_with_a_plain_stem_has_the_names_of_our_own()
    {
        using var folder = TestFiles.NewFolder();
        using var scope = NewDisposeScope();
        var options = Options with { Backbone = new() { Kind = BackboneKind.Res2Net, Width = 16, Norm = Norm.Batch } };
        var (weights, backbone) = (State(1, options), State(2, options));
        TorchFile.Write(folder.File("res2net50_26w_4s.pth"), weights);

        var report = WeightImport.Into(backbone, options, folder.File("res2net50_26w_4s.pth"));

        AssertSame(weights, backbone);
        Assert.Equal("res2net", report.Layout);
    }

    [Fact]
    public void Deformable_convolutions_start_as_plain_ones_where_the_file_has_no_offsets()
    {
        using var folder = TestFiles.NewFolder();
        using var scope = NewDisposeScope();
        var options = Options with { Backbone = Deep with { Kind = BackboneKind.Res2Net, DeformableStages = [5] } };
        var (weights, backbone) = (State(1, options), State(2, options));
        var isOffset = weights.Keys.ToLookup(key => key.Contains(".offset.", StringComparison.Ordinal));
        TorchFile.Write(folder.File("v1b.pth"), isOffset[false].ToDictionary(DeepName, key => weights[key]));

        var report = WeightImport.Into(backbone, options, folder.File("v1b.pth"));

        Assert.NotEmpty(isOffset[true]);
        Assert.All(isOffset[true], key => Assert.Equal(0, backbone[key].abs().max().item<float>()));
        Assert.All(isOffset[false], key => Assert.True(weights[key].Equals(backbone[key]), key));
        Assert.Equal(["The file has no offsets of deformable convolutions: these start as plain ones."], report.Notes);
    }

    [Fact]
    public void What_does_not_fit_a_res2net_is_told_by_the_option_that_would()
    {
        using var folder = TestFiles.NewFolder();
        using var scope = NewDisposeScope();
        var backbone = Deep with { Kind = BackboneKind.Res2Net };
        var weights = State(1, Options with { Backbone = backbone });
        var file = weights.ToDictionary(entry => DeepName(entry.Key), entry => entry.Value);
        TorchFile.Write(folder.File("v1b.pth"), file);
        TorchFile.Write(folder.File("plain.pth"), State(1, Options with { Backbone = backbone with { Kind = BackboneKind.ResNet, DeepStem = false, AveragePoolShortcut = false } }));
        file["layer1.0.convs.3.weight"] = rand(3, 3, 3, 3);
        TorchFile.Write(folder.File("26w-5s.pth"), file);

        Assert.Contains("set detector.backbone.kind to res2Net", Fault("v1b.pth", backbone with { Kind = BackboneKind.ResNet }), StringComparison.Ordinal);
        Assert.Contains("set detector.backbone.deepStem to true", Fault("v1b.pth", backbone with { DeepStem = false }), StringComparison.Ordinal);
        Assert.Contains("set detector.backbone.averagePoolShortcut to true", Fault("v1b.pth", backbone with { AveragePoolShortcut = false }), StringComparison.Ordinal);
        Assert.Contains("set detector.backbone.kind to resNet", Fault("plain.pth", backbone), StringComparison.Ordinal);
        Assert.Contains("set detector.backbone.deepStem to false", Fault("plain.pth", backbone), StringComparison.Ordinal);
        Assert.Contains("set detector.backbone.averagePoolShortcut to false", Fault("plain.pth", backbone), StringComparison.Ordinal);
        Assert.Contains("blocks of 5 parts of 6 channels, the backbone's 4 of 6", Fault("26w-5s.pth", backbone), StringComparison.Ordinal);

        string Fault(string name, BackboneOptions wanted)
        {
            var options = Options with { Backbone = wanted };
            return Assert.Throws<InvalidInputException>(() => WeightImport.Into(State(2, options), options, folder.File(name))).Message;
        }
    }

    [Fact]
    public void Detectron_weights_are_turned_to_the_recipes_pixels_and_compute_the_same()
    {
        using var folder = TestFiles.NewFolder();
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (weights, backbone) = (State(1), State(2));
        var file = new Dictionary<string, Tensor> { ["fc1000_w"] = rand(3), ["conv1_w_momentum"] = rand(3) };
        foreach (var (key, value) in weights.Where(entry => !entry.Key.Contains("running", StringComparison.Ordinal)))
            file[DetectronName(key, "bn")] = value;
        SafeTensorsFile.Write(folder.File("msra.safetensors"), file, new Dictionary<string, string>());

        var report = WeightImport.Into(backbone, Options, folder.File("msra.safetensors"));

        Assert.Equal(("detectron", weights.Count), (report.Layout, report.Taken));
        Assert.True(weights["layer2.0.downsample.0.weight"].Equals(backbone["layer2.0.downsample.0.weight"]));
        Assert.True(weights["layer3.1.bn2.bias"].Equals(backbone["layer3.1.bn2.bias"]));
        // Their network: (x - mean) in B, G, R. Ours: (x - mean) / std in R, G, B.
        var pixels = rand(1, 3, 16, 16) * 255;
        var deviation = tensor(Options.PixelStd.Select(value => (float)value).ToArray()).view(1, 3, 1, 1);
        var theirs = nn.functional.conv2d(pixels.flip(1), weights["conv1.weight"], strides: [2, 2]) * weights["bn1.weight"].view(1, -1, 1, 1) + weights["bn1.bias"].view(1, -1, 1, 1);
        var ours = nn.functional.batch_norm(
            nn.functional.conv2d(pixels / deviation, backbone["conv1.weight"], strides: [2, 2]), backbone["bn1.running_mean"], backbone["bn1.running_var"], backbone["bn1.weight"], backbone["bn1.bias"]);
        Assert.True(allclose(theirs, ours, rtol: 1e-4, atol: 1e-3));
    }

    [Fact]
    public void Detectron_weights_with_group_normalisation_fit()
    {
        using var folder = TestFiles.NewFolder();
        using var scope = NewDisposeScope();
        var options = Options with { Backbone = new() { Depth = 50, Width = 8, Norm = Norm.Group() } };
        var (weights, backbone) = (State(1, options), State(2, options));
        SafeTensorsFile.Write(
            folder.File("gn.safetensors"), weights.ToDictionary(entry => DetectronName(entry.Key, "gn"), entry => entry.Value), new Dictionary<string, string>());

        WeightImport.Into(backbone, options, folder.File("gn.safetensors"));

        AssertSame(weights.Where(entry => entry.Key != "conv1.weight").ToDictionary(), backbone.Where(entry => entry.Key != "conv1.weight").ToDictionary());
    }

    [Fact]
    public void Detectron_weights_of_bottlenecks_are_refused_where_the_stride_lies_elsewhere()
    {
        using var folder = TestFiles.NewFolder();
        using var scope = NewDisposeScope();
        var options = Options with { Backbone = new() { Depth = 50, Width = 8, Norm = Norm.FrozenBatch } };
        var weights = State(1, options).Where(entry => !entry.Key.Contains("running", StringComparison.Ordinal));
        SafeTensorsFile.Write(folder.File("msra.safetensors"), weights.ToDictionary(entry => DetectronName(entry.Key, "bn"), entry => entry.Value), new Dictionary<string, string>());

        var fault = Assert.Throws<InvalidInputException>(() => WeightImport.Into(State(2, options), options, folder.File("msra.safetensors")));

        Assert.Contains("set detector.backbone.stride to on1x1", fault.Message, StringComparison.Ordinal);
        options = options with { Backbone = options.Backbone with { Stride = StridePosition.On1x1 } };
        WeightImport.Into(State(2, options), options, folder.File("msra.safetensors"));
    }

    [Fact]
    public void Torchvisions_weights_are_refused_where_the_stride_lies_on_the_first_convolution()
    {
        using var folder = TestFiles.NewFolder();
        using var scope = NewDisposeScope();
        var options = Options with { Backbone = new() { Depth = 50, Width = 8, Norm = Norm.FrozenBatch, Stride = StridePosition.On1x1 } };
        TorchFile.Write(folder.File("resnet50.pth"), State(1, options));

        var fault = Assert.Throws<InvalidInputException>(() => WeightImport.Into(State(2, options), options, folder.File("resnet50.pth")));

        Assert.Contains("set detector.backbone.stride to on3x3", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_batch_normalisation_are_refused_by_a_backbone_of_group_normalisation()
    {
        using var folder = TestFiles.NewFolder();
        using var scope = NewDisposeScope();
        TorchFile.Write(folder.File("resnet18.pth"), State(1));
        var options = Options with { Backbone = Options.Backbone with { Norm = Norm.Group() } };

        var fault = Assert.Throws<InvalidInputException>(() => WeightImport.Into(State(2, options), options, folder.File("resnet18.pth")));

        Assert.Contains("(ResNet, depth 18, norm Group)", fault.Message, StringComparison.Ordinal);
        Assert.Contains("The file was trained with batch normalisation, whose scales mean nothing to Group normalisation", fault.Message, StringComparison.Ordinal);
        Assert.Contains("Left over: bn1.running_mean, bn1.running_var, ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_are_listed_with_the_nearest_names_and_nothing_is_copied()
    {
        using var folder = TestFiles.NewFolder();
        using var scope = NewDisposeScope();
        var file = new Dictionary<string, Tensor>(State(1));
        file.Remove("layer2.1.bn1.bias", out var bias);
        file["layer2.1.norm1.bias"] = bias!;
        file["conv1.weight"] = rand(16, 3, 7, 7);
        TorchFile.Write(folder.File("odd.pth"), file);
        var backbone = State(2);
        var before = backbone["layer1.0.conv1.weight"].clone();

        var fault = Assert.Throws<InvalidInputException>(() => WeightImport.Into(backbone, Options, folder.File("odd.pth")));

        Assert.Contains("Missing: layer2.1.bn1.bias (the file has layer2.1.norm1.bias)", fault.Message, StringComparison.Ordinal);
        Assert.Contains("Of another shape: conv1.weight is [16, 3, 7, 7], expected [8, 3, 7, 7]", fault.Message, StringComparison.Ordinal);
        Assert.True(before.Equals(backbone["layer1.0.conv1.weight"]));
    }

    [Fact]
    public void File_of_a_deeper_network_is_refused()
    {
        using var folder = TestFiles.NewFolder();
        using var scope = NewDisposeScope();
        var file = new Dictionary<string, Tensor>(State(1)) { ["layer3.2.conv1.weight"] = rand(2) };
        TorchFile.Write(folder.File("deep.pth"), file);

        var fault = Assert.Throws<InvalidInputException>(() => WeightImport.Into(State(2), Options, folder.File("deep.pth")));

        Assert.Contains("The file holds more than this backbone has, layer3.2.conv1.weight for one: it is of another depth or kind.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_of_no_known_layout_or_of_two_networks_is_refused()
    {
        using var folder = TestFiles.NewFolder();
        using var scope = NewDisposeScope();
        TorchFile.Write(folder.File("other.pth"), new Dictionary<string, Tensor> { ["features.0.weight"] = rand(2), ["classifier.weight"] = rand(2) });
        var twins = new[] { "student.", "teacher." }.SelectMany(prefix => State(1).Select(entry => (Key: prefix + entry.Key, entry.Value))).ToDictionary(entry => entry.Key, entry => entry.Value);
        SafeTensorsFile.Write(folder.File("twins.safetensors"), twins, new Dictionary<string, string>());

        Assert.Contains("it has classifier.weight, features.0.weight.", Fault("other.pth"), StringComparison.Ordinal);
        Assert.Contains("it holds several backbones, with the prefixes \"student.\", \"teacher.\"", Fault("twins.safetensors"), StringComparison.Ordinal);

        string Fault(string name) => Assert.Throws<InvalidInputException>(() => WeightImport.Into(State(2), Options, folder.File(name))).Message;
    }

    private static BackboneOptions Deep => new() { Width = 16, Norm = Norm.Batch, DeepStem = true, AveragePoolShortcut = true };

    private static void AssertSame(IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, Tensor> actual)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        Assert.All(expected, entry => Assert.True(entry.Value.Equals(actual[entry.Key]), entry.Key));
    }

    // Random values everywhere, so that one taken for another shows.
    private static Dictionary<string, Tensor> State(long seed, FcosOptions? options = null)
    {
        using var _ = no_grad();
        using var init = new Initialisation(seed);
        using var generator = new Generator((ulong)seed);
        var state = (options ?? Options).Backbone.Create(init).state_dict();
        foreach (var tensor in state.Values)
            tensor.uniform_(0.5, 1.5, generator);
        return state;
    }

    // The names of Res2Net's authors (v1b); layers without weights count.
    private static string DeepName(string key)
    {
        var parts = key.Split('.');
        return parts switch
        {
            ["stem", "5", var field] => $"bn1.{field}",
            ["stem", var number, var field] => $"conv1.{int.Parse(number, CultureInfo.InvariantCulture) / 2 * 3 + int.Parse(number, CultureInfo.InvariantCulture) % 2}.{field}",
            [var layer, var block, "downsample", var number, var field] => $"{layer}.{block}.downsample.{(number == "0" ? "1" : "2")}.{field}",
            _ => key,
        };
    }

    private static string Detectron2Name(string key)
    {
        var parts = key.Split('.');
        return parts switch
        {
            ["conv1", var field] => $"stem.conv1.{field}",
            ["bn1", var field] => $"stem.conv1.norm.{field}",
            [var layer, var block, "downsample", "0", var field] => $"{Stage(layer)}.{block}.shortcut.{field}",
            [var layer, var block, "downsample", "1", var field] => $"{Stage(layer)}.{block}.shortcut.norm.{field}",
            [var layer, var block, var convolution, var field] => $"{Stage(layer)}.{block}.{convolution.Replace("bn", "conv", StringComparison.Ordinal)}.{(convolution[0] == 'b' ? "norm." : "")}{field}",
            _ => throw new ArgumentException(key),
        };

        static string Stage(string layer) => $"res{layer[^1] - '0' + 1}";
    }

    private static string DetectronName(string key, string norm)
    {
        var parts = key.Split('.');
        var suffix = parts[^1] == "bias" ? "b" : "s";
        return parts switch
        {
            ["conv1", _] => "conv1_w",
            ["bn1", _] => norm == "bn" ? $"res_conv1_bn_{suffix}" : $"conv1_gn_{suffix}",
            [var layer, var block, "downsample", "0", _] => $"{Stage(layer)}_{block}_branch1_w",
            [var layer, var block, "downsample", "1", _] => $"{Stage(layer)}_{block}_branch1_{norm}_{suffix}",
            [var layer, var block, var convolution, _] => $"{Stage(layer)}_{block}_branch2{(char)('a' + convolution[^1] - '1')}_{(convolution[0] == 'b' ? $"{norm}_{suffix}" : "w")}",
            _ => throw new ArgumentException(key),
        };

        static string Stage(string layer) => $"res{layer[^1] - '0' + 1}";
    }
}
