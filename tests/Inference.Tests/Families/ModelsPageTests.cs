using System.Text.Json;
using System.Text.Json.Nodes;
using Serve.Inference.Families;
using Serve.Inference.Models;

namespace Serve.Inference.Tests.Families;

public sealed class ModelsPageTests
{
    [Fact]
    public void Every_family_has_a_row()
        => Assert.Equal([], ModelFamilies.All.Select(family => family.Name).Where(name => !ModelsPage.Text.Contains($"\n| `{name}` |", StringComparison.Ordinal)));

    [Fact]
    public void Every_field_of_input_and_decoding_is_told()
    {
        var passport = JsonNode.Parse((TestModels() with { Decoding = OwnExport.Decoding(new OutputSpec()) }).ToJson())!;
        var fields = Names(passport["input"]!).Concat(Names(passport["decoding"]!));

        Assert.Equal([], fields.Where(name => !ModelsPage.Text.Contains($"`{name}`", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_passport_on_the_page_is_laid_over_a_record_without_fault()
    {
        Assert.Equal(9, ModelsPage.Headings.Count);
        foreach (var heading in ModelsPage.Headings)
        {
            var patch = JsonNode.Parse(ModelsPage.Passport(heading));
            Assert.NotNull(Passport.FromJson(MergePatch.Apply(JsonSerializer.SerializeToNode(TestModels(), PassportJson.Options), patch)!.ToJsonString(), heading).Decoding);
        }
    }

    private static Passport TestModels() => Serve.Inference.Tests.Models.TestPassports.Small;

    private static IEnumerable<string> Names(JsonNode node) => node.AsObject().Select(field => field.Key);
}
