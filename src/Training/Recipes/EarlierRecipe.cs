using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serve.Training.Recipes;

/// <summary>Reads recipes from before detectors were made of parts: there was FCOS alone, with all its options side by side.</summary>
internal static class EarlierRecipe
{
    /// <summary>The text in today's form; the text itself where it has it, or is no recipe at all.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static string Upgrade(string json)
    {
        if (JsonNode.Parse(json) is not JsonObject recipe || recipe["detector"] is not JsonObject detector || detector.ContainsKey("type"))
            return json;

        detector.Insert(0, "type", "fcos");
        Move("backboneDepth", "backbone", "depth");
        Move("backboneWidth", "backbone", "width");
        Move("norm", "backbone", "norm");
        Move("zeroInitResidual", "backbone", "zeroInitResidual");
        if (detector.ContainsKey("pyramidChannels"))
            detector["neck"] = new JsonObject { ["firstLevel"] = 3, ["extra"] = "convolutionFromOutput" };
        Move("pyramidChannels", "neck", "channels");
        if (detector.Remove("candidateThreshold", out var threshold))
            detector["scoreThreshold"] = threshold;
        return recipe.ToJsonString();

        void Move(string name, string part, string option)
        {
            if (!detector.Remove(name, out var value))
                return;
            if (detector[part] is not JsonObject options)
                detector[part] = options = [];
            options[option] = value;
        }
    }
}
