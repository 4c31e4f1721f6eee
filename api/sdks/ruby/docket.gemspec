Gem::Specification.new do |gem|
  gem.name = "docket"
  gem.version = "0.1.0"
  gem.summary = "A client of Docket's generic API, without dependencies."
  gem.authors = ["Docket"]
  gem.license = "Apache-2.0"
  gem.files = ["lib/docket.rb", "README.md"]
  gem.required_ruby_version = ">= 3.0"
end
