using System.Text.Json.Serialization;

namespace Serve.Eval.Statistics;

/// <summary>How comparisons are written: camelCase names, also of methods.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    Converters = [typeof(IntervalMethodConverter)])]
[JsonSerializable(typeof(Comparison))]
[JsonSerializable(typeof(BootstrapResult))]
internal sealed partial class ComparisonJson : JsonSerializerContext;

/// <summary>Writes <c>percentile</c> and <c>bca</c>.</summary>
internal sealed class IntervalMethodConverter() : JsonStringEnumConverter<IntervalMethod>(System.Text.Json.JsonNamingPolicy.CamelCase);
