using System.Globalization;
using System.Text.Json;
using Serve.Inference.Models;

namespace Serve.Api.OpenInference;

/// <summary>The <c>properties</c> of a model's metadata: strings, lists as JSON text.</summary>
internal static class ModelProperties
{
    /// <summary>Categories, input, family, and what the other view is called.</summary>
    public static IReadOnlyDictionary<string, string> Of(DetectionModel model, IInferenceView view)
    {
        var passport = model.Passport;
        var input = passport.Input;
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["family"] = passport.Family,
            ["class_names"] = Text([.. passport.Categories.Select(category => category.Name)]),
            // In the order of the names; what the output class_ids holds.
            ["class_ids"] = Numbers(passport.Categories.Select(category => (double)category.Id)),
            ["score_threshold"] = passport.ScoreThreshold.ToString(CultureInfo.InvariantCulture),
            ["input_width"] = $"{input.Width}",
            ["input_height"] = $"{input.Height}",
            ["resize"] = JsonNamingPolicy.KebabCaseLower.ConvertName(input.Resize.ToString()),
            ["channel_order"] = input.ChannelOrder,
            ["scale"] = input.Scale.ToString(CultureInfo.InvariantCulture),
            ["mean"] = Numbers(input.Mean),
            ["std"] = Numbers(input.Std),
            ["device"] = model.Device,
            ["content_sha256"] = model.ContentHash,
            [view is RawView ? "decoded_view" : "raw_view"] = view is RawView ? passport.Name : passport.Name + ModelViews.RawEnding,
        };
    }

    private static string Text(IReadOnlyList<string> values) => JsonSerializer.Serialize(values, OpenInferenceJson.Default.IReadOnlyListString);

    private static string Numbers(IEnumerable<double> values) => $"[{string.Join(',', values.Select(value => value.ToString(CultureInfo.InvariantCulture)))}]";
}
