using Serve.Eval;
using Serve.Training.Models;
using Serve.Training.Models.Backbones;
using static TorchSharp.torch;

namespace Serve.Training.Checkpoints;

/// <summary>Brings the weights of a file into a backbone, all of them or none.</summary>
internal static class WeightImport
{
    private const string FirstConvolution = "conv1.weight";
    private const string Mean = "running_mean";

    // Detectron's networks were trained on B, G, R minus their means, not divided by a deviation.
    private static readonly long[] Reversed = [2, 1, 0];

    /// <summary>Copies weights.</summary>
    /// <param name="backbone">The backbone's tensors by key (state dictionary), which are overwritten; on any device.</param>
    /// <param name="options">What the weights have to fit.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidInputException">It cannot be read, or does not fit; the message lists what matched, what did not and why. Nothing was copied then.</exception>
    public static ImportReport Into(IReadOnlyDictionary<string, Tensor> backbone, DetectorOptions options, string path)
    {
        using var source = CheckpointSource.Open(path);
        var mapping = MappingOf(source, options.Backbone.Norm.Epsilon, path);
        var report = Compare(backbone, options, source, mapping, Path.GetFileName(path));
        if (report.Missing.Count > 0 || report.Mismatched.Count > 0 || report.Reasons.Count > 0)
            throw new InvalidInputException($"{path}: these weights do not fit the recipe's backbone ({options.Backbone.Kind}, depth {options.Backbone.Depth}, norm {options.Backbone.Norm.Kind}).\n{report.Describe()}");

        using var noGradient = no_grad();
        foreach (var (key, target) in backbone)
        {
            using var scope = NewDisposeScope();
            var from = mapping.SourceOf(key);
            if (from.Constant is { } constant)
                target.fill_(constant);
            else
                target.copy_(Adapt(key, source.Read(from.Name), options, mapping));
        }

        return report;
    }

    private static KeyMapping MappingOf(CheckpointSource source, double epsilon, string path)
    {
        try
        {
            return KeyMapping.Of([.. source.Entries.Keys], epsilon)
                ?? throw new FormatException(
                    $"it has no residual network's keys of our own runs, torchvision, Res2Net, Detectron2 or Detectron; it has {string.Join(", ", source.Entries.Keys.Order(StringComparer.Ordinal).Take(5))}{(source.Entries.Count > 5 ? ", ..." : "")}");
        }
        catch (FormatException fault)
        {
            throw new InvalidInputException($"{path}: not the weights of a backbone: {fault.Message}.", fault);
        }
    }

    private static ImportReport Compare(IReadOnlyDictionary<string, Tensor> backbone, DetectorOptions options, CheckpointSource source, KeyMapping mapping, string file)
    {
        var sources = backbone.ToDictionary(entry => entry.Key, entry => mapping.SourceOf(entry.Key));
        var used = sources.Values.Select(from => from.Name).ToHashSet();
        var unused = source.Entries.Keys.Where(name => name.StartsWith(mapping.Prefix, StringComparison.Ordinal) && !used.Contains(name)).Order(StringComparer.Ordinal).ToList();
        var missing = sources.Where(entry => entry.Value.Constant is null && !source.Entries.ContainsKey(entry.Value.Name)).ToList();
        var mismatched = sources.Where(entry => source.Entries.TryGetValue(entry.Value.Name, out var stored) && !stored.Shape.SequenceEqual(backbone[entry.Key].shape))
            .Select(entry => $"{entry.Value.Name} is [{string.Join(", ", source.Entries[entry.Value.Name].Shape)}], expected [{string.Join(", ", backbone[entry.Key].shape)}]").ToList();
        return new(
            file, mapping.Layout, mapping.Prefix, sources.Count - missing.Count - mismatched.Count,
            [.. missing.Select(entry => Describe(entry.Value.Name, unused))],
            [.. unused.Where(name => !name.EndsWith(".num_batches_tracked", StringComparison.Ordinal))],
            mismatched,
            [.. Reasons(backbone, options, source, mapping, unused, missing.Count)],
            [.. Notes(backbone, options, source, mapping, used)]);
    }

    private static string Describe(string name, List<string> unused) => NearestKey.Of(name, unused) is { } nearest ? $"{name} (the file has {nearest})" : name;

    private static IEnumerable<string> Reasons(
        IReadOnlyDictionary<string, Tensor> backbone, DetectorOptions options, CheckpointSource source, KeyMapping mapping, List<string> unused, int missing)
    {
        var hasStatistics = mapping is DetectronKeys { HasFoldedBatchNorm: true }
            || source.Entries.Keys.Any(name => name.StartsWith(mapping.Prefix, StringComparison.Ordinal) && name.EndsWith(Mean, StringComparison.Ordinal));
        var wantsStatistics = backbone.Keys.Any(key => key.EndsWith(Mean, StringComparison.Ordinal));
        if (hasStatistics && !wantsStatistics)
        {
            yield return $"The file was trained with batch normalisation, whose scales mean nothing to {options.Backbone.Norm.Kind} normalisation: set detector.backbone.norm.kind to batch or frozenBatch, or give weights of the same normalisation.";
        }
        else if (!hasStatistics && wantsStatistics)
        {
            yield return $"The file has no statistics of batch normalisation, which {options.Backbone.Norm.Kind} normalisation needs: set detector.backbone.norm.kind to that which the file was trained with.";
        }

        if (mapping is DetectronKeys { HasFoldedBatchNorm: true } && options.Backbone is { Depth: >= 50, Stride: not StridePosition.On1x1 })
        {
            yield return "The file is of the networks' authors, whose blocks have their stride on the first 1x1 convolution: set detector.backbone.stride to on1x1. With the stride elsewhere the weights fit and are worth nothing.";
        }
        else if ((mapping is TorchvisionKeys and not OwnKeys || mapping is DetectronKeys) && options.Backbone.Stride == StridePosition.On1x1 && mapping is not DetectronKeys { HasFoldedBatchNorm: true })
        {
            yield return "The file's blocks have their stride on the 3x3 convolution: set detector.backbone.stride to on3x3. With the stride elsewhere the weights fit and are worth nothing.";
        }

        if (mapping is TorchvisionKeys and not OwnKeys)
        {
            foreach (var reason in KindReasons(options.Backbone, source, (TorchvisionKeys)mapping))
                yield return reason;
        }

        string[] unknown = [.. unused.Where(name => !mapping.IsExpectedLeftOver(name[mapping.Prefix.Length..]))];
        if (unknown.Length > 0 && missing == 0)
            yield return $"The file holds more than this backbone has, {unknown[0]} for one: it is of another depth or kind.";
    }

    // What the names of torchvision's layout and Res2Net's tell about the network, beside its depth.
    private static IEnumerable<string> KindReasons(BackboneOptions backbone, CheckpointSource source, TorchvisionKeys mapping)
    {
        if (mapping.IsRes2Net != (backbone.Kind == BackboneKind.Res2Net))
        {
            yield return mapping.IsRes2Net
                ? "The file's blocks are split into parts, with layer1.0.convs.0 and so on: set detector.backbone.kind to res2Net."
                : "The file's blocks are not split into parts, there is no layer1.0.convs.0: set detector.backbone.kind to resNet.";
        }
        else if (mapping.IsRes2Net)
        {
            var (parts, channels) = (mapping.Parts, source.Entries[$"{mapping.Prefix}layer1.0.convs.0.weight"].Shape[0]);
            var expected = Res2NetBlock.PartWidth(backbone.Width);
            if (parts != Res2NetBlock.Parts || channels != expected)
                yield return $"The file's first stage has blocks of {parts} parts of {channels} channels, the backbone's {Res2NetBlock.Parts} of {expected}: allowed are weights of 26w-4s.";
        }

        if (mapping.HasOwnStem)
            yield break;
        if (mapping.HasDeepStem != backbone.DeepStem)
        {
            yield return mapping.HasDeepStem
                ? "The file's stem is of three 3x3 convolutions, conv1.0, conv1.3 and conv1.6: set detector.backbone.deepStem to true."
                : "The file's stem is one 7x7 convolution, conv1: set detector.backbone.deepStem to false.";
        }

        if (mapping.PoolsShortcut != backbone.AveragePoolShortcut)
        {
            yield return mapping.PoolsShortcut
                ? "The file's shortcuts take means before their convolution, downsample.1: set detector.backbone.averagePoolShortcut to true."
                : "The file's shortcuts have their stride in their convolution, downsample.0: set detector.backbone.averagePoolShortcut to false. Otherwise the weights fit and are worth little.";
        }
    }

    private static IEnumerable<string> Notes(IReadOnlyDictionary<string, Tensor> backbone, DetectorOptions options, CheckpointSource source, KeyMapping mapping, HashSet<string> used)
    {
        var types = source.Entries.Where(entry => used.Contains(entry.Key)).Select(entry => entry.Value.Type).Where(type => type != ScalarType.Float32).Distinct().ToList();
        if (types.Count > 0)
            yield return $"Stored as {string.Join(" and ", types)}, used as Float32.";
        if (mapping is TorchvisionKeys && backbone.Keys.Any(key => mapping.SourceOf(key).Constant is not null))
            yield return "The file has no offsets of deformable convolutions: these start as plain ones.";
        if (mapping is DetectronKeys)
        {
            yield return "Trained on B, G, R minus (102.9801, 115.9465, 122.7717): the first convolution was turned to R, G, B and multiplied with the recipe's pixelStd. "
                + $"The recipe's pixelMean is R, G, B {string.Join(", ", options.PixelMean.Select(value => FormattableString.Invariant($"{value}")))}.";
        }
        else if (mapping is Detectron2Keys)
        {
            yield return $"Detectron2's keys do not tell where blocks have their stride, nor the order of colours: taken for the {(options.Backbone.Stride == StridePosition.On1x1 ? "first 1x1" : "3x3")}, and for R, G, B. For weights made from the authors' (\"MSRA\") both are otherwise.";
        }
    }

    // A convolution of (x - mean) in B, G, R is one of (x - mean) / std in R, G, B with its channels turned and multiplied with std.
    private static Tensor Adapt(string key, Tensor stored, DetectorOptions options, KeyMapping mapping)
    {
        if (mapping is not DetectronKeys || key != FirstConvolution)
            return stored;
        var deviation = tensor(options.PixelStd.Select(value => (float)value).ToArray()).view(1, 3, 1, 1);
        return stored.to(float32).index_select(1, tensor(Reversed)) * deviation;
    }
}
