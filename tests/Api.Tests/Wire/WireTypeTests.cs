using System.Reflection;
using System.Text.Json.Serialization;
using Serve.Api.Wire;

namespace Serve.Api.Tests.Wire;

public class WireTypeTests
{
    private static IEnumerable<Type> WireTypes => typeof(ServeJson).GetCustomAttributesData()
        .Where(attribute => attribute.AttributeType == typeof(JsonSerializableAttribute))
        .Select(attribute => (Type)attribute.ConstructorArguments[0].Value!);

    [Fact]
    public void Wire_types_are_public_because_internal_ones_would_not_be_validated_or_described()
        => Assert.All(WireTypes, type => Assert.True(type.IsVisible, type.FullName));

    [Fact]
    public void Wire_types_have_no_computed_members_that_would_go_out_as_json()
    {
        var computed = WireTypes.Where(type => type.Assembly == typeof(ServeJson).Assembly)
            .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            .Where(property => property.SetMethod is null);

        Assert.Empty(computed.Select(property => $"{property.DeclaringType!.Name}.{property.Name}"));
    }
}
